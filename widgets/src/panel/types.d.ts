import type { Given, Me } from '../types';

/** What the panel's views share. */
export type App = {
  host: HTMLElement;
  given: Given;
  told: DOMStringMap;
  /** The public facts of the programme. */
  facts: any;
  /** The shopper's points and tier; undefined: nobody is logged in. */
  me: Me | undefined;
  language: string;
  languages: string[];
  get: (path: string) => Promise<any>;
  send: (method: string, path: string, sent: object) => Promise<any>;
  /** A text of the panel, in the page's language; `n` chooses the plural form. */
  say: (key: string, figures?: Record<string, any>) => string;
  /** "399 points", with the merchant's own name. */
  points: (n: number) => string;
  count: (n: number, forms: Record<string, string> | undefined) => string;
  money: (money: { amount: string; currency: string }) => string;
  day: (at: string) => string;
  /** The last day before a moment: what ends, ends at midnight. */
  last: (end: string) => string;
  /** Say it to who cannot see the screen. */
  tell: (text: string) => void;
  show: (view: any) => Promise<void>;
  refresh: () => void;
};

/** A view: what is in it. */
export type View = (app: App) => Node[] | Promise<Node[]>;
