import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An image as lists and messages tell it, as far as both do. */
export interface ToldImage {
  readonly id: number;
  readonly path: string;
}

/** What a receiver was told. */
export interface ReceiverTally {
  /** Different ones. */
  messages: number;
  /** Messages that came once more, since their answer was lost with the daemon that had sent them. */
  repeats: number;
  /** Images that were told as new by two messages: they changed again before the answer to the first one was noted. */
  newAgain: number;
  /** Lists that were to be begun anew, after a restore. */
  resets: number;
}

/** A receiver that keeps the list of each user by what it is told, and notes whatever should not be told. */
export interface KeepingReceiver {
  readonly url: string;
  readonly tally: ReceiverTally;
  /** By user and id. */
  readonly copies: ReadonlyMap<string, ReadonlyMap<number, ToldImage>>;
  readonly faults: readonly string[];
  /** Called with each message before it is taken. */
  onMessage: () => void;
  close(): Promise<void>;
}

interface Message {
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly user: string; readonly images?: readonly ToldImage[] };
}

/** What is known of a user, from one reset to the next. */
interface Kept {
  readonly images: Map<number, ToldImage>;
  /** Ids that messages have told. */
  readonly told: Set<number>;
  /** The list was begun by reading it, so that what messages told before is not all that it has. */
  readonly isRead: boolean;
  lastAt: string;
}

/** Starts it; `list` reads a user's list anew, null if nobody answers. */
export async function startKeepingReceiver(
  secret: string,
  list: (user: string) => Promise<readonly ToldImage[] | null>,
): Promise<KeepingReceiver> {
  const users = new Map<string, Kept>();
  const copies = new Map<string, ReadonlyMap<number, ToldImage>>();
  /** The images of each message that was taken. */
  const taken = new Map<string, ReadonlySet<number>>();
  const underWay = new Map<string, ServerResponse>();
  const faults: string[] = [];
  const tally: ReceiverTally = { messages: 0, repeats: 0, newAgain: 0, resets: 0 };
  const receiver = { onMessage: () => {} };

  const begin = (user: string, images: readonly ToldImage[], isRead: boolean): Kept => {
    const kept = {
      images: new Map(images.map((image) => [image.id, image])),
      told: new Set<number>(),
      isRead,
      lastAt: '',
    };
    users.set(user, kept);
    copies.set(user, kept.images);
    return kept;
  };

  const apply = (id: string, { type, timestamp, data }: Message) => {
    const { user, images = [] } = data;
    const kept = users.get(user) ?? begin(user, [], false);
    const fault = (what: string) => faults.push(`${user}: ${type} ${id} ${what}`);
    if (timestamp < kept.lastAt) fault(`is of ${timestamp}, told after one of ${kept.lastAt}`);
    kept.lastAt = timestamp;
    for (const image of images) {
      const isKnown = kept.told.has(image.id);
      if (type === 'image.created' && isKnown) tally.newAgain++;
      if (type === 'image.changed' && !isKnown && !kept.isRead)
        fault(`tells of image ${image.id}, which never was new`);
      kept.told.add(image.id);
      if (type === 'image.deleted') kept.images.delete(image.id);
      else kept.images.set(image.id, image);
    }
  };

  /** Whether it was taken. */
  const take = async (id: string, message: Message): Promise<boolean> => {
    const ids = new Set(message.data.images?.map((image) => image.id));
    const before = taken.get(id);
    if (before !== undefined) {
      tally.repeats++;
      const more = [...ids].filter((each) => !before.has(each));
      if (more.length > 0) faults.push(`${message.data.user}: ${id} tells more when it is repeated: ${more.join()}`);
      return true;
    }
    if (message.type === 'space.reset') {
      const images = await list(message.data.user);
      if (images === null) return false;
      begin(message.data.user, images, true);
      tally.resets++;
    } else apply(id, message);
    taken.set(id, ids);
    tally.messages++;
    return true;
  };

  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const id = String(request.headers['webhook-id']);
    const signed = `${id}.${String(request.headers['webhook-timestamp'])}.${body}`;
    const signature = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
    if (request.headers['webhook-signature'] !== signature) faults.push(`${id} has a wrong signature`);
    const message = JSON.parse(body) as Message;
    const { user } = message.data;
    // That of a daemon that is dead is closed.
    if (underWay.get(user)?.closed === false) faults.push(`${user}: ${id} came before another one was taken`);
    underWay.set(user, response);
    receiver.onMessage();
    const isTaken = await take(id, message);
    underWay.delete(user);
    if (isTaken) response.writeHead(204).end();
    else response.destroy();
  };
  const server = createServer((request, response) => {
    // Half a message is what a kill leaves.
    hear(request, response).catch((error: Error) => {
      if (!request.destroyed) faults.push(error.message);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    tally,
    copies,
    faults,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
