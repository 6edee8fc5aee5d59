/** The gateway could not enrol; the message says why and what to do. */
export class EnrolmentError extends Error {
  override readonly name = 'EnrolmentError';
  readonly code = 'ENROLMENT_FAILED';
}
