/** One message of a text/event-stream (WHATWG HTML, "Server-sent events"). */
export interface StreamedMessage {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** The daemon's messages are far smaller; what is larger is no such stream. */
const mostCharacters = 16 * 1024 * 1024;

/** Puts the pieces of a stream together. Lines end in LF or CRLF. Throws RangeError on a message without end. */
export function createStreamParser(): (chunk: Buffer) => StreamedMessage[] {
  const decoder = new TextDecoder();
  let rest = '';
  let event = 'message';
  let id: string | null = null;
  let data: string[] = [];
  let length = 0;

  function takeLine(line: string): StreamedMessage | null {
    if (line === '') {
      const message = { event, id, data: data.join('\n') };
      const isEmpty = data.length === 0;
      event = 'message';
      id = null;
      data = [];
      length = 0;
      return isEmpty ? null : message;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'id') id = value;
    else if (field === 'data') {
      data.push(value);
      length += value.length;
    }
    return null;
  }

  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const messages: StreamedMessage[] = [];
    for (const line of lines) {
      const message = takeLine(line.replace(/\r$/, ''));
      if (message !== null) messages.push(message);
    }
    if (rest.length + length > mostCharacters) throw new RangeError('an event stream with a message without end');
    return messages;
  };
}
