import { stateOf } from '../../domain/model/space.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import { ownSpaceToJson } from '../../wire/space.js';
import { timestamp } from '../../wire/timestamp.js';
import type { CallerHandle, SettingsInEffect } from '../reply/context.js';
import { itemBody } from '../reply/envelope.js';
import { linksOf } from '../reply/links.js';
import { answer } from '../reply/reply.js';

export interface UserDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly inEffect: SettingsInEffect;
  /** Not null if users may connect their storage. */
  readonly links?: object | null;
}

/** Shows the caller. Clients use this to check that their token is still valid. */
export function createUserHandler({
  catalogue,
  clock,
  publicUrl,
  inEffect,
  links: offered = null,
}: UserDeps): CallerHandle {
  return async (c, { user, scopes, expiresAt }) => {
    const space = await catalogue.space(user);
    const links = linksOf(c.req.url, publicUrl);
    const item = {
      username: user,
      scopes,
      token_expires_on: timestamp(expiresAt),
      // Clients of the VSS API read this to see whether they may go on.
      status: { active: true, valid: true, expires_on: timestamp(expiresAt) },
      space: space && ownSpaceToJson(space, stateOf(space, clock(), inEffect.syncIntervalMs)),
      _links: {
        images: `${links.base}/v2/user/image/vm`,
        ...(offered === null ? {} : { link: `${links.base}/v2/user/space/link` }),
      },
    };
    return answer(c, 200, itemBody(c, links, item));
  };
}
