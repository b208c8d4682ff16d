import type { Change, History, Meanwhile, Step } from './history.js';

/** A history for people, one line a step. */
export function describeHistory({ server, crawl, tree, steps }: History): string {
  const lines = [
    `server  ${compact({ ...server })}`,
    `crawl   ${compact({ ...crawl })}`,
    ...tree.map((change) => `before  ${describeChange(change)}`),
    ...steps.map((step, i) => `${String(i + 1).padStart(4)}.   ${describeStep(step)}`),
    'then the faults end, what was left behind is finished, and full syncs follow',
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function describeStep(step: Step): string {
  switch (step.do) {
    case 'change':
      return `${step.manner === 'openly' ? '' : `${step.manner}: `}${step.changes.map(describeChange).join('; ')}`;
    case 'fault':
      return `fault at ${quote(step.path)}: ${compact(step.fault)}`;
    case 'sync': {
      const { restMs, mode, trigger, targets, kill, meanwhile } = step;
      const rest = restMs === 0 ? [] : [`after ${restMs} ms a`];
      const what = [...rest, `${mode} sync by ${trigger}`, ...targets.map(quote)].join(' ');
      const killed = kill === null ? [] : [`killed ${kill.when} ${kill.call} no. ${kill.nth}`];
      return [what, ...meanwhile.map(describeMeanwhile), ...killed].join(', ');
    }
    case 'move space': {
      const files = step.other?.map(describeChange).join('; ') ?? 'the same tree';
      return `the space's URL changes; there is ${files === '' ? 'nothing' : files}`;
    }
    default: {
      const { do: what, ...rest } = step;
      return Object.keys(rest).length === 0 ? what : `${what} ${compact(rest)}`;
    }
  }
}

function describeMeanwhile(event: Meanwhile): string {
  const { at, what, ...rest } = event;
  const details = event.what === 'change' ? event.changes.map(describeChange).join('; ') : compact(rest);
  return `at request ${at} ${what}${details === '{}' ? '' : ` ${details}`}`;
}

function describeChange(change: Change): string {
  switch (change.kind) {
    case 'put':
    case 'replace':
      return `${change.kind} ${quote(change.path)} (${change.size} bytes)`;
    case 'move':
      return `move ${quote(change.from)} to ${quote(change.to)}`;
    case 'link':
      return `link ${quote(change.path)} to ${quote(change.target)}`;
    case 'mount':
      return `${change.isMount ? 'make' : 'make no'} mount of ${quote(change.path)}`;
    case 'detach': {
      const { path, strays, olderMs, isForGood } = change;
      const date = olderMs === null ? 'before the last listing' : `${olderMs} ms older`;
      const bare = strays.length === 0 ? 'nothing' : strays.join(', ');
      return `the disk of ${quote(path)} goes away${isForGood ? ' for good' : ''}; shown is ${bare}, ${date}`;
    }
    case 'attach':
      return `the disk of ${quote(change.path)} comes back`;
    default:
      return `${change.kind} ${quote(change.path)}`;
  }
}

function compact(value: object): string {
  return JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ': ');
}

function quote(path: string): string {
  return JSON.stringify(`/${path}`);
}
