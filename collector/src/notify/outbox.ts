/** What other stages use of this one. */
export type { NotificationData } from './message.js';
export type { Contact } from '../oncall/targets.js';
export { announceMaintenance } from './announcements.js';
export { cancelPages, queueNotification, type NewNotification } from './queue.js';
export { NotifyWorker } from './worker.js';
