// Answers for views of the panel that the server of this version may not have yet.

export const SETTINGS = {
  birthday: "1990-05-17",
  birthday_changeable: false,
  language: "en",
  mail: { programme: true, reminders: true, summary: false, promotions: false },
  push: { points: true, tier: true, expiry: true },
};

export const CARD = { number: "4821 0093 7716", qr: { path: "M0 0h7v7h-7zM10 0h7v7h-7zM0 10h7v7h-7zM11 11h2v2h-2zM15 15h2v2h-2z", size: 17 } };

export const FAQ = [
  { question: "How long are points good?", answer: "As long as you like." },
  { question: "Can I give points away?", answer: "Not yet." },
];
