/** What advises code of one's own, and what there is to do at a command line. */
const advice: readonly (readonly [forCode: string, here: string])[] = [
  ["; see error.response for what it said", ""],
  ["add it to allowedOrigins if it may receive the token; ", ""],
  ["read other content with client.fetch(), and check", "check"],
  [", or stream it with client.fetch()", ""],
  ["read it with get()", "leave out --paginate"],
  ["allow more with timeout, or ask", "ask"],
];
const option =
  /(?:\b(?:Option|the) )?\b(clientId|clientSecret|apiBaseUrl|tokenUrl|tenantId|allowInsecureHttp|(?<=Option )scope|scope(?= option))\b(?: option)?/g;

/** A message of core, with variables in the place of options, and without advice for code. */
export function commandLineMessage(message: string): string {
  return advice
    .reduce((text, [forCode, here]) => text.replace(forCode, here), message)
    .replace(option, (_option, name: string) => `PERSONIFY_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`);
}
