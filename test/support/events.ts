/** An event of a stream; `text` is that of a comment or of anything else without data. */
export interface StreamEvent {
  readonly event: string | null;
  readonly data: unknown;
  readonly id: string | null;
  readonly text: string;
}

/** Reads the events of an answer one by one; a stream that has ended gives null. */
export function readEvents(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = '';
  const next = async (): Promise<StreamEvent | null> => {
    for (;;) {
      const end = rest.indexOf('\n\n');
      if (end !== -1) {
        const text = rest.slice(0, end);
        rest = rest.slice(end + 2);
        return parseEvent(text);
      }
      const { done, value } = await reader.read();
      if (done) return null;
      rest += decoder.decode(value, { stream: true });
    }
  };
  return {
    next,
    /** The next so many events, without comments and whatever has no data. */
    async take(count: number): Promise<readonly StreamEvent[]> {
      const events: StreamEvent[] = [];
      while (events.length < count) {
        const event = await next();
        if (event === null) throw new Error(`the stream has ended after ${events.length} events of ${count}`);
        if (event.event !== null) events.push(event);
      }
      return events;
    },
    /** All that is left, once the stream has ended. */
    async rest(): Promise<readonly StreamEvent[]> {
      const events: StreamEvent[] = [];
      for (let event = await next(); event !== null; event = await next()) events.push(event);
      return events;
    },
    leave: () => reader.cancel(),
  };
}

function parseEvent(text: string): StreamEvent {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const data = fields.get('data');
  return {
    event: fields.get('event') ?? null,
    data: data === undefined ? null : (JSON.parse(data) as unknown),
    id: fields.get('id') ?? null,
    text,
  };
}

/** What events say, in short: `x.ova`, or `-x.ova` for one that is gone. */
export function pathsOfEvents(events: readonly StreamEvent[]): readonly string[] {
  return events.map(({ event, data }) => `${event === 'image.deleted' ? '-' : ''}${(data as { path: string }).path}`);
}
