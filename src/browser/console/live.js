import { fetchPart, replaceIn, say } from './page.js';

/** @typedef {{ topic: string, html: string, say: string, isOver: boolean }} Told */

const FOLLOWED = '[data-live]';

/** Keeps the parts with `data-live` as they are at the server, by one stream, while somebody can see the page. */
export function followTopics() {
  /** @type {EventSource | null} */
  let stream = null;
  /** @type {Map<string, string>} */
  const said = new Map();

  const close = () => {
    stream?.close();
    stream = null;
  };
  const open = () => {
    const topics = [...document.querySelectorAll(FOLLOWED)].map((part) => part.getAttribute('data-live') ?? '');
    if (stream !== null || topics.length === 0) return;
    stream = new EventSource(`${baseOf()}/live?${new URLSearchParams(topics.map((topic) => ['topic', topic]))}`);
    stream.addEventListener('message', ({ data }) => tell(JSON.parse(data)));
    stream.addEventListener('over', close);
  };
  /** @param {Told} told */
  const tell = (told) => {
    if (told.say !== (said.get(told.topic) ?? '')) say(told.say);
    said.set(told.topic, told.say);
    for (const part of document.querySelectorAll(FOLLOWED)) {
      if (part.getAttribute('data-live') === told.topic) show(part, told);
    }
  };
  const follow = () => (document.visibilityState === 'visible' ? open() : close());

  document.addEventListener('visibilitychange', follow);
  // A page that is kept for going back has no stream.
  addEventListener('pagehide', close);
  addEventListener('pageshow', follow);
  follow();
}

/** @param {Element} part @param {Told} told */
function show(part, { html, isOver }) {
  // Written by this server, in which every name is text; no script in it would run.
  replaceIn(part, [...new DOMParser().parseFromString(html, 'text/html').body.childNodes]);
  if (!isOver) return;
  part.removeAttribute('data-live');
  const other = part.getAttribute('data-refreshes');
  if (other !== null) void fetchPart(other, location.href).catch(() => null);
}

/** The address of the console, below which this script lies: `…/console/assets/{hash}/live.js`. */
function baseOf() {
  return new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
}
