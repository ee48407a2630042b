import type { PeerCertificate } from "node:tls";
import { type Finding, fault } from "./finding.ts";

/** The finding for a certificate that OpenSSL or Node refused with `code`. */
export function certificateFault(
  code: string,
  host: string,
  certificate: PeerCertificate | undefined,
): Finding & { status: "fault" } {
  const { valid_from, valid_to } = certificate ?? {};
  if (code === "CERT_HAS_EXPIRED") {
    return fault(
      "tls_expired",
      `the certificate of ${host} has expired${valid_to === undefined ? "" : `, on ${valid_to}`}`,
      "have the certificate renewed; if it is newer elsewhere, check this machine's clock",
    );
  }
  if (code === "CERT_NOT_YET_VALID") {
    return fault(
      "tls_not_yet_valid",
      `the certificate of ${host} is not valid before ${valid_from ?? "a later date"}`,
      "check this machine's clock",
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = certificate?.subjectaltname ?? "other names";
    return fault(
      "tls_wrong_host",
      `the certificate of ${host} is for ${names}`,
      "check the host name of the URL; something else may answer in the server's place",
    );
  }
  if (/SSL|EPROTO|TLS/.test(code)) {
    return fault(
      "tls_not_spoken",
      `TLS with ${host} does not come about (${code})`,
      "check the port of the URL; a server that wants another version of TLS, or a certificate of yours, ends it so too",
    );
  }
  return fault(
    "tls_untrusted",
    `Node does not trust the certificate of ${host} (${code})`,
    "if a proxy of yours opens TLS, or the authority is your own, name its certificate in NODE_EXTRA_CA_CERTS; else do not go on",
  );
}
