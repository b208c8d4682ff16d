import { askedPath } from '../../domain/diagnosis/asked-path.js';
import { explainName, explainPath, type ListingRules } from '../../domain/diagnosis/why.js';
import { describeReason, type ExplainedReason, OWNER } from '../../domain/diagnosis/why-words.js';
import type { ResourcePath } from '../../domain/model/path.js';
import type { Space } from '../../domain/model/space.js';
import type { Clock } from '../../domain/ports/clock.js';
import type { ImageCatalogue } from '../../domain/ports/image-catalogue.js';
import type { PathTraces } from '../../domain/ports/path-traces.js';
import { type ExplanationJson, explanationToJson } from '../../wire/explanation.js';
import { answerList } from '../lists/answer-list.js';
import type { CallerHandle, SettingsInEffect } from '../reply/context.js';
import { ignoredFaults, wantsStrict } from '../reply/ignored.js';
import { refuseFaults } from '../reply/problem.js';
import { queryOf, readParameters } from '../reply/query-string.js';

export interface WhyDeps {
  readonly catalogue: Pick<ImageCatalogue, 'space'>;
  readonly traces: PathTraces;
  readonly clock: Clock;
  readonly publicUrl: string | null;
  readonly inEffect: SettingsInEffect;
  /** Not null if users may connect their storage. */
  readonly links?: object | null;
}

const ASKED = ['path', 'name'] as const;

/** Explains why images are in the caller's own list or aren't: the one at a path, or all that are known by a name. */
export function createWhyHandler(deps: WhyDeps): CallerHandle {
  const { catalogue, traces, clock, publicUrl, inEffect, links = null } = deps;
  const explain = async (space: Space, path: ResourcePath, rules: ListingRules, isName = false) => {
    const trace = await traces.trace(space.id, path);
    const known = { trace, space, rules };
    const reason = isName ? explainName(path, known) : explainPath(path, known);
    const told = describeReason(reason, OWNER(links !== null), { nextSyncAt: space.nextSyncAt, now: clock() });
    return explanationToJson(path, reason.kind, told, trace.elsewhere);
  };

  return async (c, { user }) => {
    const { values, faults, ignored } = readParameters(queryOf(c.req.url), ASKED);
    const [path] = values.path;
    const names = values.name;
    if (wantsStrict(c)) faults.push(...ignoredFaults(ignored, ASKED));
    if (names.length > 1)
      faults.push({ parameter: 'name', detail: `name: given ${names.length} times; allowed is once` });
    const given = path ?? names[0];
    if (faults.length > 0) return refuseFaults(c, faults);
    if (given === undefined || (path !== undefined && names.length > 0)) {
      const what = given === undefined ? 'neither path nor name is given' : 'path and name are both given';
      const detail = `path: ${what}; one of them says which image is meant`;
      return refuseFaults(c, [{ parameter: 'path', detail }]);
    }
    const space = await catalogue.space(user);
    const asked = askedPath(given, space?.url ?? '');
    if (asked === null || (path === undefined && asked.includes('/'))) {
      const parameter = path === undefined ? 'name' : 'path';
      const allowed = path === undefined ? 'the name of a file, without folders' : "a path below the space's root";
      return refuseFaults(c, [{ parameter, detail: `${parameter}: names no image; allowed is ${allowed}` }]);
    }
    const items: ExplanationJson[] = [];
    if (space === null) {
      items.push(explanationToJson(asked, 'no-space', withoutSpace(links !== null)));
    } else if (path !== undefined) {
      items.push(await explain(space, asked, inEffect.rules));
    } else {
      const places = await traces.placesOf(space.id, asked);
      for (const place of places) items.push(await explain(space, place, inEffect.rules));
      if (places.length === 0) items.push(await explain(space, asked, inEffect.rules, true));
    }
    return answerList(c, publicUrl, items, undefined, ignored);
  };
}

function withoutSpace(mayLink: boolean): ExplainedReason {
  return {
    isListed: false,
    message: 'this service knows no space of yours',
    action: mayLink
      ? 'connect your storage by POST /v2/user/space/link'
      : 'ask an administrator to add it, and say which user you are',
  };
}
