import type { DescribedImage } from '../../../src/domain/description/short-description.js';
import { webhookTroubleOf } from '../../../src/domain/diagnosis/diagnose-webhook.js';
import type { WebhookStore, WebhookTask } from '../../../src/domain/ports/webhook-store.js';
import {
  type FeedRow,
  type FeedSource,
  type ImagesNeeded,
  nextStep,
  type Pending,
  placeAfter,
  presentOf,
  startOf,
  type WebhookPlace,
} from '../../../src/domain/webhooks/next-message.js';
import { isDue, type Tries, UNTRIED } from '../../../src/domain/webhooks/retry.js';
import { toldStateOf } from '../../../src/domain/webhooks/told-state.js';
import { concerns, type WebhookInterest } from '../../../src/domain/webhooks/webhook.js';
import { changesOf } from './changes.js';
import { configuredSpaces, type Memory, type MemoryImage, type MemorySpace, toSpace } from './state.js';

interface Kept {
  readonly place: WebhookPlace;
  readonly pending: Pending | null;
  readonly tries: Tries;
}

interface Hook {
  readonly users: string;
  readonly target: string;
  epoch: number;
  /** By space. */
  readonly places: Map<number, Kept>;
}

export function createMemoryWebhooks(
  memory: Memory,
  toImage: (space: MemorySpace, image: MemoryImage) => DescribedImage,
): WebhookStore {
  const hooks = new Map<string, Hook>();
  let begun = 0;

  const sourceOf = (space: MemorySpace, epoch: number): FeedSource => ({
    space: toSpace(space),
    epoch,
    forgotten: space.forgottenIn,
    lastId: memory.lastImageId,
  });
  const rowsOf = (space: MemorySpace, { from, limit }: ImagesNeeded): readonly FeedRow[] =>
    changesOf(space, from)
      .slice(0, limit)
      .map((image) => ({
        image: toImage(space, image),
        revision: image.changedIn,
        removedAt: image.missingSince,
      }));
  const spacesOf = (hook: Pick<WebhookInterest, 'users'>) =>
    configuredSpaces(memory)
      .filter(({ user }) => concerns(hook, user))
      .sort((a, b) => a.id - b.id);
  const isBehind = (space: MemorySpace, { epoch, places }: Hook) => {
    const kept = places.get(space.id);
    if (kept === undefined) return true;
    const { place, pending } = kept;
    const isTold = place.upTo === null && place.revision === space.revision && place.epoch === epoch;
    return pending !== null || !isTold || place.told !== toldStateOf(toSpace(space));
  };

  const next = (interest: WebhookInterest, spaceId: number, now: number, newId: string): WebhookTask => {
    const hook = hooks.get(interest.name);
    const space = spacesOf(interest).find(({ id }) => id === spaceId);
    if (hook === undefined || space === undefined) return { kind: 'idle' };
    const kept = hook.places.get(spaceId) ?? { place: startOf(space), pending: null, tries: UNTRIED };
    const { place, pending, tries } = kept;
    if (!isDue(tries, now)) return { kind: 'idle' };
    const first = nextStep(interest, place, pending, sourceOf(space, hook.epoch), { id: newId, at: now });
    const step = first.kind === 'read' ? first.decide(rowsOf(space, first)) : first;
    if (step.kind === 'idle') {
      hook.places.set(spaceId, kept);
      return step;
    }
    if (step.kind === 'advance') {
      hook.places.set(spaceId, { place: step.place, pending: null, tries: UNTRIED });
      return { kind: 'again' };
    }
    if (pending === null) begun += 1;
    hook.places.set(spaceId, { ...kept, pending: step.pending });
    const { type, rows } = step;
    return { kind: 'send', user: space.user, pending: step.pending, type, rows, tries, number: begun };
  };

  const overview: WebhookStore['overview'] = async (interests) =>
    interests.map((interest) => {
      const hook = hooks.get(interest.name);
      const spaces = spacesOf(interest);
      const behind = spaces
        .filter((space) => hook !== undefined && isBehind(space, hook))
        .sort((a, b) => (a.user < b.user ? -1 : 1))
        .map(({ id, user }) => {
          const kept = hook?.places.get(id);
          return { name: interest.name, user, tries: kept?.tries ?? UNTRIED, since: kept?.pending?.at ?? null };
        });
      return { name: interest.name, spaces: hook === undefined ? 0 : spaces.length, behind };
    });

  return {
    async follow(given) {
      for (const interest of given) {
        const users = JSON.stringify(interest.users);
        const before = hooks.get(interest.name);
        const hook = { users, target: interest.target, epoch: before?.epoch ?? 0, places: before?.places ?? new Map() };
        hooks.set(interest.name, hook);
        if (before !== undefined && before.target !== hook.target) await this.retry(interest.name, null);
        if (before?.users === users) continue;
        for (const space of spacesOf(interest)) {
          if (hook.places.has(space.id)) continue;
          const place = presentOf(sourceOf(space, hook.epoch));
          hook.places.set(space.id, { place, pending: null, tries: UNTRIED });
        }
      }
    },
    async due(interest, now, after) {
      const hook = hooks.get(interest.name);
      if (hook === undefined) return { spaces: [], nextAt: null };
      const isTried = ({ id }: MemorySpace) => isDue(hook.places.get(id)?.tries ?? UNTRIED, now);
      const waiting = [...hook.places.values()].flatMap(({ tries }) => tries.nextAt ?? []);
      const spaces = spacesOf(interest).filter((space) => space.id > after && isBehind(space, hook) && isTried(space));
      return { spaces: spaces.map(({ id }) => id), nextAt: waiting.length === 0 ? null : Math.min(...waiting) };
    },
    next: async (...call) => next(...call),
    async taken(name, spaceId, messageId) {
      const kept = hooks.get(name)?.places.get(spaceId);
      if (kept?.pending?.id !== messageId) return;
      const place = placeAfter(kept.place, kept.pending);
      hooks.get(name)?.places.set(spaceId, { place, pending: null, tries: UNTRIED });
    },
    async failed(name, spaceId, messageId, tries) {
      const kept = hooks.get(name)?.places.get(spaceId);
      if (kept?.pending?.id === messageId) hooks.get(name)?.places.set(spaceId, { ...kept, tries });
    },
    async retry(name, user) {
      let count = 0;
      for (const [id, kept] of hooks.get(name)?.places ?? []) {
        if (kept.tries.state === 'due' || (user !== null && memory.spaces.get(id)?.user !== user)) continue;
        hooks.get(name)?.places.set(id, { ...kept, tries: UNTRIED });
        count += 1;
      }
      return count;
    },
    async hasBegun(number) {
      if (begun >= number) return;
      begun = number;
      for (const hook of hooks.values()) hook.epoch += 1;
    },
    totals: async (interests) =>
      interests.map(({ name }) => {
        const places = hooks.get(name)?.places ?? new Map<number, Kept>();
        const kept = configuredSpaces(memory).flatMap(({ id }) => places.get(id) ?? []);
        const pending = kept.filter((each) => each.pending !== null);
        const times = pending.flatMap((each) => each.pending?.at ?? []);
        const dead = kept.filter(({ tries }) => tries.state === 'dead').length;
        const waiting = pending.filter(({ tries }) => tries.state !== 'dead').length;
        return { name, oldestAt: times.length === 0 ? null : Math.min(...times), waiting, dead };
      }),
    overview,
    troubles: async (interests, now) => (await overview(interests)).map((each) => webhookTroubleOf(each, now)),
  };
}
