export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function perSecond(rate: number, what: string): string {
  return `${Math.round(rate).toLocaleString('en')} ${what}/s`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

export function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
