/** ms on the monotonic clock of the machine: what one process notes can be compared with what another does. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
