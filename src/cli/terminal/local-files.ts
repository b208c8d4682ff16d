/** Whether an error is the system's, such as that a file isn't there. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Says why a file that was named on the command line can't be read. */
export function whyUnread(error: Error): string {
  const code = 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return "this account isn't allowed to read it";
  return error.message;
}
