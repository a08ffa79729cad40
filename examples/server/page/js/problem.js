// Why a request was not answered as asked: one kind of error for the whole page.

const WORDS = {
  0: "The server cannot be reached.",
  401: "Your session has ended.",
  413: "This is too long.",
  500: "The server has failed.",
  502: "The bot did not answer.",
  503: "The server is not available at the moment.",
  504: "The bot took too long.",
};

/** `status` is 0 where the server was not reached, or the answer was cut off. */
export class Problem extends Error {
  /** `details` is a problem document (RFC 9457), as far as there is one. */
  constructor(status, details = {}) {
    super(WORDS[status] ?? details.detail ?? `The server has answered ${status}.`);
    this.status = status;
  }

  /** Whether the same request may be answered another time. */
  get mayPass() {
    return [0, 401, 408, 429].includes(this.status) || this.status >= 500;
  }
}

/** What a response that is no success says. */
export async function problemOf(response) {
  try {
    return new Problem(response.status, await response.json());
  } catch {
    // What stands between page and server has answered in words of its own.
    return new Problem(response.status);
  }
}
