import * as z from 'zod';
import { word } from '../fields/fields.js';

/** What a host does: it answers requests, it crawls storages. */
export const ROLES = ['api', 'crawler'] as const;
export type Role = (typeof ROLES)[number];

/** Creates the schema of what this host does; by default everything. */
export function rolesSchema() {
  return z
    .array(word(ROLES), { error: `must be a list of ${ROLES.join(', ')}` })
    .min(1, { error: `must have one of ${ROLES.join(', ')}` })
    .transform((given) => ROLES.filter((role) => given.includes(role)))
    .default([...ROLES]);
}

/** Why these roles can't be had; null if they can. A file is written by one process, so its host does everything. */
export function troubleOfRoles(roles: readonly Role[], hasDatabase: boolean): string | null {
  if (hasDatabase || roles.length === ROLES.length) return null;
  return `must be [${ROLES.join(', ')}] without data.url: only a database can be shared by hosts that do different things`;
}
