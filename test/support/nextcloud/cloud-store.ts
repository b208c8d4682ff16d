import { isImageName } from '../../../src/domain/model/image.js';
import { failedListing } from '../../../src/domain/model/listing.js';
import type { ResourcePath } from '../../../src/domain/model/path.js';
import type { RemoteStore } from '../../../src/domain/ports/remote-store.js';
import type { CloudPlace } from './node.js';
import type { CloudSpace } from './space.js';

/** Dates have whole seconds: a marker that is younger than this proves nothing. */
const SETTLED_AFTER_MS = 2_000;

/** A user's space as the crawl's port has it, for simulations that can't afford a request of HTTP each time. */
export function createCloudStore(space: CloudSpace, now: () => number, onRequest: () => void): RemoteStore {
  const markerOf = (place: CloudPlace) => `etag:${space.etagOf(place)}`;
  const isSettled = (place: CloudPlace) => space.modifiedAt(place) < now() - SETTLED_AFTER_MS;
  const imageOf = ({ path, node }: CloudPlace) => ({
    path: path as ResourcePath,
    sizeBytes: node.sizeBytes,
    // As the client has it: where there is a date, that is enough.
    etag: null,
    modifiedAt: node.modifiedAt,
  });
  const isJoined = ({ mount }: CloudPlace) => mount !== null && mount.type !== 'external';
  const isImage = ({ node }: CloudPlace) => node.children === null && isImageName(node.name);
  const siblingsOf = (members: readonly CloudPlace[]) => {
    const files = members.filter(({ node }) => node.children === null);
    if (!files.some(({ path }) => /\.ovf$/i.test(path))) return null;
    const inOrder = [...files.filter(isImage), ...files.filter((file) => !isImage(file))];
    return inOrder.map(({ path, node }) => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      sizeBytes: node.sizeBytes,
    }));
  };
  return {
    async list(collection) {
      onRequest();
      const place = space.find(collection);
      if (place === null || place.node.children === null) return failedListing(collection, 'not-found', '404', 1);
      const members = space.members(place);
      return {
        collection,
        verdict: { complete: true },
        marker: markerOf(place),
        modifiedAt: space.modifiedAt(place),
        askedAt: now(),
        isSettled: isSettled(place),
        mayPropagate: true,
        isMount: place.mount?.type === 'external',
        fingerprint: collection === '' ? '' : null,
        fileId: collection === '' ? `${place.node.id}` : null,
        images: members.filter(isImage).map(imageOf),
        collections: members
          .filter(({ node }) => node.children !== null)
          .map((child) => ({
            path: child.path as ResourcePath,
            marker: markerOf(child),
            isMount: child.mount?.type === 'external',
            ...(place.mount === null && isJoined(child) ? { isJoined: true } : {}),
          })),
        siblings: siblingsOf(members),
        guarded: [],
        misfits: [],
        memberCount: members.length,
        requests: 1,
      };
    },
    async probe(collection) {
      onRequest();
      const place = space.find(collection);
      const answer = { isSettled: false, mayPropagate: true, detail: '', requests: 1, marker: null };
      if (place === null) return { ...answer, presence: 'absent', failure: 'not-found' };
      const found = {
        marker: markerOf(place),
        isSettled: isSettled(place),
        fingerprint: '',
        fileId: `${place.node.id}`,
        askedAt: now(),
      };
      return { ...answer, ...found, presence: 'present', failure: null };
    },
    async search() {
      onRequest();
      const images = space.everything('').filter(isImage).map(imageOf);
      return { kind: 'found', images, askedAt: now(), doubt: null, requests: 1 };
    },
    close: async () => undefined,
  };
}
