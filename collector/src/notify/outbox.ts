/** What other stages use of this one. */
export type { Contact, NotificationData } from './message.js';
export { cancelPages, queueNotification, type NewNotification } from './queue.js';
export { NotifyWorker } from './worker.js';
