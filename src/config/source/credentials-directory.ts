/** As a path begins with it in the configuration. */
const PLACEHOLDER = /^\$\{CREDENTIALS_DIRECTORY\}(?=\/)/;

/**
 * Where systemd keeps the credentials (LoadCredential=) of the service as it is installed. The daemon is told by its environment;
 * whoever runs another command beside it, as root or as its user, finds them here.
 */
const OF_THE_SERVICE = '/run/credentials/ovadex.service';

/** Puts the directory of the service manager's credentials in the place that a path keeps for it. */
export function expandCredentialsDirectory(path: string, directory: string = OF_THE_SERVICE): string {
  return path.replace(PLACEHOLDER, () => directory);
}
