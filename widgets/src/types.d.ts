import type { tools } from './tools.js';

/** What the loader hands to an element's code. */
export type Given = typeof tools;

/** What each element's file offers: it takes the element and makes it live. */
export type Code = (host: HTMLElement, given: Given) => unknown;

/** The way to the next reward: the part behind, from 0 to 1, and a sentence. */
export type Way = { part: number; text: string };

/** The answer of /shopper/v1/me, as far as we read it. */
export type Me = {
  points: {
    available: number;
    pending: number;
    coming: { points: number; at: string | null }[];
    expiring: { points: number; at: string }[];
  };
  text: { available: string; note: string };
  tier: any;
  way: Way | null;
};
