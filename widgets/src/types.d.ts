import type { tools } from './tools.js';

/** What the loader hands to an element's code. */
export type Given = typeof tools;

/** What each element's file offers: it takes the element and makes it live. */
export type Code = (host: HTMLElement, given: Given) => void;

export type Money = { amount: string; currency: string };

/** A reward of the programme, as far as we read it. */
export type Reward = { key: string; amount?: Money };

/** The reward ahead, and how far it is. */
export type Goal = { key: string; points: number; missing: number };

/** The answer of /shopper/v1/me, as far as we read it. */
export type Me = { points: { available: number; pending: number; deficit: number }; next_reward: Goal | null };
