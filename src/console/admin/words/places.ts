/** Returns the page of the console about a user's space; `below` is one of its own pages or forms. */
export function spacePage(user: string, below = ''): string {
  return `/admin/spaces/${encodeURIComponent(user)}${below}`;
}

/** Returns the path of the API for a user's space. */
export function spaceOfApi(user: string, below = ''): string {
  return `/v2/admin/space/${encodeURIComponent(user)}${below}`;
}
