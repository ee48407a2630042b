const lifetimes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12];

/** The clients of a run, each with tokens of its own: short lives, so that they turn over all the time. Seconds. */
export const credentialSets = [...lifetimes, ...lifetimes].map((lifetime, index) => ({
  lifetime,
  clientId: `client-${index}`,
  clientSecret: `secret-of-client-${index}`,
}));
