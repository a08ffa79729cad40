// Server-sent events as fetch gives them: EventSource cannot send a body.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

/** Takes text however it is cut, and gives the events that are complete. */
export class Parser {
  #rest = "";
  #name = "";
  #data = [];

  push(text) {
    this.#rest += text;
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    // The last line may go on; and a CR at the very end may be half of a line end.
    this.#rest = lines.pop();
    return lines.map((line) => this.#line(line)).filter(Boolean);
  }

  #line(line) {
    if (line === "") return this.#end();
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
  }

  #end() {
    const event = { name: this.#name || "message", data: this.#data.join("\n") };
    const isEvent = this.#data.length > 0;
    this.#name = "";
    this.#data = [];
    return isEvent ? event : null;
  }
}

/** The events of a response, as they come. `onChunk` is told whenever anything comes at all. */
export async function* events(response, onChunk = () => {}) {
  const parser = new Parser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onChunk();
    yield* parser.push(value);
  }
}
