import { request } from 'undici';

/** Signs in to the console as a browser does, and returns the cookie of the session. */
export async function signIn(url: string, token: string): Promise<string> {
  const { statusCode, headers, body } = await request(`${url}/console/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ token }).toString(),
  });
  await body.dump();
  const [cookie] = `${[headers['set-cookie']].flat()[0]}`.split(';');
  if (statusCode !== 303 || cookie === undefined) throw new Error(`nobody was signed in: ${statusCode}`);
  return cookie;
}
