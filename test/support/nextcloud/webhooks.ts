/** An entry of the app webhook_listeners, as an administrator registers it. */
export interface WebhookListener {
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Classes of events; all of them where not given. */
  readonly events?: readonly string[];
}

/** A node as an event names it: without its id once it is gone. */
export interface EventNode {
  readonly id?: number;
  readonly path: string;
}

export type CloudEvent = { readonly class: string } & (
  | { readonly node: EventNode }
  | { readonly source: EventNode; readonly target: EventNode }
);

/** Tells others of changes, by background jobs: what is due goes out when they run. */
export interface CloudWebhooks {
  register(listener: WebhookListener): void;
  /** Called by whatever changes the files; `user` is who did it. */
  note(user: { readonly uid: string; readonly displayName: string }, event: CloudEvent): void;
  /** Calls that wait for the next run of the background jobs. */
  readonly pending: number;
  /** Runs the background jobs; answers the status of each call, 0 where nobody answered. */
  deliver(): Promise<readonly number[]>;
}

export const NODE_EVENTS = 'OCP\\Files\\Events\\Node\\';
export const NODE_RESTORED = 'OCA\\Files_Trashbin\\Events\\NodeRestoredEvent';

export function createWebhooks(now: () => number): CloudWebhooks {
  const listeners: WebhookListener[] = [];
  let jobs: { readonly listener: WebhookListener; readonly body: string }[] = [];
  return {
    register: (listener) => void listeners.push(listener),
    note(user, event) {
      const { class: className, ...nodes } = event;
      const data = { event: { ...nodes, class: className }, user, time: Math.floor(now() / 1000) };
      for (const listener of listeners) {
        if (listener.events?.includes(className) === false) continue;
        // PHP escapes slashes.
        jobs.push({ listener, body: JSON.stringify(data).replaceAll('/', '\\/') });
      }
    },
    get pending() {
      return jobs.length;
    },
    async deliver() {
      const due = jobs;
      jobs = [];
      const statuses: number[] = [];
      for (const { listener, body } of due) {
        // Bytes, so that no Content-Type is made up: the app sends only the headers that it was given.
        const sent = fetch(listener.uri, { method: 'POST', headers: listener.headers ?? {}, body: Buffer.from(body) });
        statuses.push(
          await sent.then(
            async (answer) => {
              await answer.arrayBuffer();
              return answer.status;
            },
            () => 0,
          ),
        );
      }
      return statuses;
    },
  };
}
