// Times as people say them, and exactly where that is asked for.

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const EXACT = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });

const UNITS = [
  ["day", 86_400, 7],
  ["hour", 3_600, 24],
  ["minute", 60, 60],
];

/** "2 hr. ago"; a date when that is more than a week. */
export function relative(time, now = Date.now()) {
  // The server's clock may be ahead of this one.
  const seconds = Math.max(0, (now - Date.parse(time)) / 1_000);
  for (const [unit, length, most] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= most) return DAY.format(new Date(time));
    if (count >= 1) return RELATIVE.format(-count, unit);
  }
  return "just now";
}

/** The time of day, with the date when that is not today's. */
export function clock(time) {
  const at = new Date(time);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? CLOCK.format(at) : `${DAY.format(at)}, ${CLOCK.format(at)}`;
}

export const exact = (time) => EXACT.format(new Date(time));
