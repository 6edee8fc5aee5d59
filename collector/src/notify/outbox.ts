/** What other stages use of this one. */
export { cancelPages, queueNotification, type NewNotification } from './queue.js';
export { NotifyWorker } from './worker.js';
