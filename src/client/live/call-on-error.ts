/**
 * Calls the function `onError` of a caller. An error that this function throws, or with which its promise rejects, has
 * no effect: nobody waits for the function, so the error would end the process as an unhandled rejection.
 */
export function callOnError(onError: (error: unknown) => unknown, error: unknown): void {
  new Promise((resolve) => resolve(onError(error))).catch(() => undefined);
}
