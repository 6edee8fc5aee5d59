import type { Logger } from 'pino';

/**
 * Stop the stages of a program one after the other. One that fails is logged and does not keep the others running.
 * @param steps name and what to do, in the order in which data flows: intake first, files last
 */
export async function stopInOrder(
  steps: readonly (readonly [name: string, step: () => unknown])[],
  logger: Logger,
): Promise<void> {
  for (const [name, step] of steps) {
    try {
      await step();
    } catch (error) {
      logger.error({ err: error, step: name }, 'could not stop a stage cleanly');
    }
  }
}
