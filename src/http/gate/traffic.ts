import { createRecorder, type Recorder, type RouteMeasurements } from '../../domain/model/measurements.js';

/** Counts one answer: its method, its status, and how long it took, in seconds; null if unknown. */
export type NoteAnswer = (method: string, status: number, seconds: number | null) => void;

/** Counts what was answered since the process began, by route, method and status. */
export interface Traffic {
  /** Returns the counter of a route, created once when the route is declared, so that no request looks it up. */
  route(route: string): NoteAnswer;
  read(): readonly RouteMeasurements[];
}

/** Histogram bounds in seconds, from a list that is at hand (0.2 ms) to a search over all spaces. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Known methods. Clients may send any word as a method; all others are counted as one. */
const METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'PUT', 'DELETE']);
const OTHER = 'other';

interface Page {
  readonly byStatus: Map<number, number>;
  readonly seconds: Recorder;
}

export function createTraffic(): Traffic {
  const books = new Map<string, Map<string, Page>>();
  return {
    route(route) {
      const book = books.get(route) ?? new Map<string, Page>();
      books.set(route, book);
      return (given, status, seconds) => {
        const page = book.get(given) ?? openPage(book, given);
        page.byStatus.set(status, (page.byStatus.get(status) ?? 0) + 1);
        if (seconds !== null) page.seconds.note(seconds);
      };
    },
    read: () =>
      [...books].flatMap(([route, book]) =>
        [...book].map(([method, page]) => ({
          route,
          method,
          byStatus: new Map(page.byStatus),
          seconds: page.seconds.read(),
        })),
      ),
  };
}

function openPage(book: Map<string, Page>, given: string): Page {
  const method = METHODS.has(given) ? given : OTHER;
  const page = book.get(method) ?? { byStatus: new Map(), seconds: createRecorder(BOUNDS) };
  book.set(method, page);
  return page;
}
