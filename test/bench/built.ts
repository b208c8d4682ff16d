/** A module of the program as `npm run build:modules` leaves it: what tsx makes of the sources is not what users run. */
export async function built<T>(path: string): Promise<T> {
  return (await import(new URL(`../../build/${path}`, import.meta.url).href)) as T;
}
