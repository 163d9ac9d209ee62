// A parser of Server-Sent Events (HTML standard §9.2.6) that takes text as it comes, in any pieces.
// Pure: no connection, no clock. A byte order mark is gone when TextDecoder made the text.

export interface SseEvent {
  data: string;
  /** The last id seen, '' if none. */
  id: string;
}

/** An event of ours is below 4 KiB; whoever sends a line this long is no server of this API. */
const EVENT_CHARS_MAX = 1 << 20;

/** @returns takes a piece of the stream; throws RangeError when an event outgrows its limit. */
export function createSseParser(
  onEvent: (event: SseEvent) => void,
  onRetry: (ms: number) => void,
): (piece: string) => void {
  let rest = '';
  let data: string[] = [];
  let chars = 0;
  let id = '';

  function take(line: string) {
    if (!line) {
      if (data.length) onEvent({ data: data.join('\n'), id });
      data = [];
      chars = 0;
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    chars += value.length;
    if (name === 'data') data.push(value);
    if (name === 'id' && !value.includes('\0')) id = value;
    if (name === 'retry' && /^\d+$/.test(value)) onRetry(+value);
  }

  return (piece) => {
    rest += piece;
    // A CR at the end may be the first half of CRLF: it waits for what follows.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) take(line);
    if (rest.length + chars > EVENT_CHARS_MAX) throw new RangeError('event too long');
  };
}
