/** The placeholder at the start of a path in the configuration. */
const PLACEHOLDER = /^\$\{CREDENTIALS_DIRECTORY\}(?=\/)/;

/**
 * Where systemd keeps the credentials (LoadCredential=) of the installed service. The daemon learns it from its
 * environment; other commands, run by root or as its user, find them here.
 */
const OF_THE_SERVICE = '/run/credentials/ovadex.service';

/** Replaces the placeholder in a path by the directory of the service manager's credentials. */
export function expandCredentialsDirectory(path: string, directory: string = OF_THE_SERVICE): string {
  return path.replace(PLACEHOLDER, () => directory);
}
