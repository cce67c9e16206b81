import { formatSeconds } from '../../core/describe-event.js';
import { type Html, html } from './html.js';

/** `5 min ago`; the exact time is in the title, and the script keeps it current. */
export function timeAgo(iso: string, now: number): Html {
  const seconds = (now - Date.parse(iso)) / 1000;
  return html`<time datetime="${iso}" title="${iso}">${agoText(seconds)}</time>`;
}

/** `in 4 min`, for what is still to come. */
export function timeUntil(iso: string, now: number): Html {
  const seconds = (Date.parse(iso) - now) / 1000;
  const text = seconds <= 1 ? 'any moment' : `in ${roughSpan(seconds)}`;
  return html`<time datetime="${iso}" title="${iso}">${text}</time>`;
}

const agoText = (seconds: number): string => (seconds < 45 ? 'just now' : `${roughSpan(seconds)} ago`);

function roughSpan(seconds: number): string {
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 86_400 * 2) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export const span = (seconds: number | null): string => (seconds === null ? '–' : formatSeconds(seconds));

/** `image` → `Image` */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const mediaWords: Readonly<Record<string, string>> = {
  cd: 'CD',
  dvd: 'DVD',
  bd: 'Blu-ray',
  image: 'image file',
  unknown: 'disc',
};

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
