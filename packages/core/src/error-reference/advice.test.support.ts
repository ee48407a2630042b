/** How an instruction begins. */
const instruction =
  /^(add|allow|ask|await|check|choose|give|leave|make|mend|pass|put|quote|read|return|see|set|slow|try|use|wait) /;

/** Whether a message ends in an instruction, or in what would have been right. */
export function endsInAdvice(message: string): boolean {
  const last = message.split(/[:;] /).at(-1) ?? "";
  return instruction.test(last) || /expected \S/.test(last) || / must (be|have) \S/.test(message);
}
