import { type Browser, type BrowserContext, type Page, startBrowser } from "@personify-auth/browser";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  callApi,
  form,
  getToken,
  postToken,
  rawGet,
  running,
  sendRaw,
} from "./emulator-client.test.support.ts";
import { type Emulator, type FaultDefinition, startEmulator } from "./index.ts";

const WHOAMI = "/api/v1/whoami";

let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await startBrowser();
  context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
});
afterAll(() => browser.close());

/** The console of an emulator, once it is live. What the page breaks, and what it asks of others, fails the test. */
async function openConsole(emulator: Emulator): Promise<Page> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (sent) => {
    if (!sent.url().startsWith(`${emulator.apiBaseUrl}/`)) faults.push(`a request to ${sent.url()}`);
  });
  page.on("console", (message) => {
    // What a browser prints of a request that failed is no fault of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load"))
      faults.push(message.text());
  });
  onTestFinished(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });
  await page.clock.install();
  await page.goto(emulator.apiBaseUrl);
  await page.getByText("Live", { exact: true }).waitFor();
  return page;
}

/** The page asks for what is new once a second: now is one over, and the answer there. */
async function refresh(page: Page): Promise<string> {
  const answer = page.waitForResponse(/updates/);
  await page.clock.fastForward(1_000);
  return (await answer).text();
}

const rowsOf = (page: Page) => page.locator("#rows > li");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const said = (page: Page) => page.locator("#said");

/** Looks until it is as it should be: however busy the machine, the page shows it soon after it was told. */
const until = <Seen>(look: () => Promise<Seen> | Seen) =>
  expect.poll(look, { interval: 20, timeout: 10_000 });

/** Waits until a locator shows a text, among others. */
async function shows(locator: ReturnType<Page["locator"]>, wanted: string | RegExp): Promise<void> {
  await until(async () => (await locator.allInnerTexts()).join(" ").replaceAll(/\s+/g, " ").trim()).toMatch(
    wanted,
  );
}

async function whoami(emulator: Emulator, token: string): Promise<number> {
  return (await callApi(emulator, token, WHOAMI)).status;
}

describe("the log", () => {
  test("shows token and API requests as they come, the newest first, with secrets and tokens masked", async () => {
    const emulator = await running();
    const page = await openConsole(emulator);
    await shows(page.locator("#log-empty"), /No request yet/);
    const token = await getToken(emulator);
    await callApi(emulator, token, `${WHOAMI}?access_token=hush-hush-1`);
    await refresh(page);
    await until(() => rowsOf(page).count()).toBe(2);
    await shows(rowsOf(page).nth(0), /200 succeeded API GET \/api\/v1\/whoami exhibitor-portal .* ms$/);
    await shows(rowsOf(page).nth(1), /200 succeeded token POST \/connect\/token/);
    for (const row of await rowsOf(page).all()) await row.locator("summary").click();
    await shows(rowsOf(page).nth(1), /client_secret: \(masked\)/);
    await shows(rowsOf(page).nth(0), /access_token: \(masked\).*authorization: Bearer sha256:/);
    const html = await page.content();
    for (const secret of [token, emulator.credentials.clientSecret, "hush-hush-1"])
      expect(html).not.toContain(secret);
  });

  test("shows a request that waits for its answer, and what came of it", async () => {
    const emulator = await running();
    const page = await openConsole(emulator);
    emulator.faults.add({ on: "api", kind: "stall", before: "headers" });
    const leaving = new AbortController();
    const call = callApi(emulator, "made-up", WHOAMI, { signal: leaving.signal }).catch(() => "left");
    await until(() => emulator.requests()).toHaveLength(1);
    await refresh(page);
    await shows(rowsOf(page), /– pending API GET .* stall …$/);
    leaving.abort();
    await call;
    await until(() => emulator.requests()[0]?.durationMs).toBeGreaterThan(0);
    await refresh(page);
    await shows(rowsOf(page), /– no answer API GET .* stall \d+ ms$/);
  });

  test("is filtered by kind, by failure, and by any text, and is paused and cleared", async () => {
    const emulator = await running();
    const token = await getToken(emulator);
    await whoami(emulator, token);
    await whoami(emulator, "made-up");
    await callApi(emulator, token, "/oauth/token");
    const page = await openConsole(emulator);
    const count = () => rowsOf(page).count();
    await until(count).toBe(4);
    for (const [kind, rows] of [
      ["Token", 1],
      ["API", 2],
      ["Other", 1],
      ["All", 4],
    ] as const) {
      await page.locator("#filters").getByText(kind, { exact: true }).click();
      expect([kind, await count()]).toEqual([kind, rows]);
    }
    await page.getByLabel("Failures only").check();
    expect(await count()).toBe(2);
    await page.getByLabel("Failures only").uncheck();
    await page.getByRole("searchbox").fill("INVALID_token");
    expect(await count()).toBe(1);
    // A token leads to its requests.
    await page.locator("#tokens").getByRole("button").click();
    expect(await count()).toBe(2);
    await page.getByRole("searchbox").fill("");

    await press(page, "Pause");
    await whoami(emulator, token);
    await refresh(page);
    await refresh(page);
    expect(await count()).toBe(4);
    await press(page, "Pause");
    expect(await count()).toBe(5);
    await press(page, "Clear");
    await until(count).toBe(0);
    expect(emulator.requests({ kind: "api" })).toEqual([]);
  });

  test("shows the last 200 of any number, is not filled by the console itself, and costs little", async () => {
    const emulator = await running();
    const page = await openConsole(emulator);
    await refresh(page);
    expect(emulator.requests()).toEqual([]);
    emulator.clients.update(emulator.credentials.clientId, { tokenFormat: "opaque" });
    for (let tokens = 0; tokens < 60; tokens += 1) await postToken(emulator, form(emulator.credentials));
    const calls = Array.from({ length: 1_040 }, (_, call) =>
      rawGet(WHOAMI, `Connection: ${call === 1_039 ? "close" : "keep-alive"}`),
    );
    await sendRaw(emulator, calls.join(""));
    await refresh(page);
    await until(() => rowsOf(page).count()).toBe(200);
    await shows(page.locator("#log-count"), /200 shown, 800 older ones not/);
    await shows(page.locator("#tokens-count"), "60");
    expect(await page.locator("#tokens > li").count()).toBe(50);
    const update = await refresh(page);
    expect(JSON.parse(update)).toMatchObject({ requests: [], latest: 1_100 });
    expect(update.length).toBeLessThan(16_000);
    // The row that has the focus keeps it while others come.
    await rowsOf(page).first().locator("summary").focus();
    const focused = await page.locator(":focus").textContent();
    await whoami(emulator, await getToken(emulator));
    await refresh(page);
    await shows(rowsOf(page).first(), /200/);
    expect(await page.locator(":focus").textContent()).toBe(focused);
  });

  test("shows whatever was sent as text, and never as markup", async () => {
    const emulator = await running();
    const evil = `<img/src=x/onerror=alert(1)><script>alert(2)</script>"'`;
    const page = await openConsole(emulator);
    emulator.clients.add({ clientId: evil, clientSecret: "s3cret-text" });
    emulator.faults.add({ on: "token", kind: "redirect", location: evil, path: `/${evil}` });
    await getToken(emulator, { clientId: evil, clientSecret: "s3cret-text" });
    await sendRaw(
      emulator,
      rawGet(`/api/${evil}?${evil}=${evil}`, `X-Tenant-Id: ${evil}`, `X-Evil: ${evil}`, "Connection: close"),
    );
    await refresh(page);
    await until(() => rowsOf(page).count()).toBe(2);
    for (const row of await rowsOf(page).all()) await row.locator("summary").click();
    for (const id of ["rows", "tokens", "clients", "active-faults"])
      await shows(page.locator(`#${id}`), "<script>alert(2)</script>");
    expect(await page.locator("main img, main script").count()).toBe(0);
  });
});

test("what cannot be seen, or turns the text around it, is told by its number", async () => {
  const emulator = await running();
  emulator.clients.add({ clientId: "portal\u202egnp\u200b", clientSecret: "s3cret-text" });
  emulator.faults.add({ on: "api", kind: "status", status: 200, body: "a\u2066b" });
  const page = await openConsole(emulator);
  await getToken(emulator, { clientId: "portal\u202egnp\u200b", clientSecret: "s3cret-text" });
  await refresh(page);
  for (const id of ["rows", "tokens", "clients"])
    await shows(page.locator(`#${id}`), "portal‹U+202E›gnp‹U+200B›");
  await shows(page.locator("#active-faults"), "a‹U+2066›b · API · 1 more request");
  expect(await page.locator("body").innerHTML()).not.toMatch(/[\u200b\u202e\u2066]/);
});

describe("tokens and the clock", () => {
  test("an hour on makes a token expire; a minute moves the bar of its age", async () => {
    const emulator = await running();
    const token = await getToken(emulator);
    const page = await openConsole(emulator);
    const age = page.getByRole("meter");
    expect(await age.getAttribute("aria-valuenow")).toBe("0");
    await shows(page.locator("#tokens"), /exhibitor-portal · idp_api (1 h|59 min \d+ s) left/);
    const filled = () =>
      page.evaluate(
        "Number(getComputedStyle(document.querySelector('.age')).backgroundImage.match(/ ([\\d.]+)%/)[1])",
      );
    for (let minutes = 0; minutes < 6; minutes += 1) await press(page, "+1 min");
    await until(() => age.getAttribute("aria-valuenow")).toBe("10");
    await until(filled).toBeCloseTo(10, 0);
    await shows(page.locator("#clock-ahead"), "6 min ahead");
    expect(await whoami(emulator, token)).toBe(200);
    await press(page, "+1 h");
    await shows(page.locator("#tokens-count"), "0");
    expect(await whoami(emulator, token)).toBe(401);
    await shows(said(page), "The clock went ahead by 1 h");
  });

  test("are revoked, all of them or one client's", async () => {
    const emulator = await running();
    const { shortLived } = emulator.otherCredentials;
    emulator.clients.update(shortLived.clientId, { tokenLifetime: 60 });
    const [one, other] = [await getToken(emulator), await getToken(emulator, shortLived)];
    const page = await openConsole(emulator);
    await press(page, `Revoke tokens of ${shortLived.clientId}`);
    await shows(said(page), /^1 token is revoked/);
    expect([await whoami(emulator, one), await whoami(emulator, other)]).toEqual([200, 401]);
    await press(page, "Revoke all");
    await shows(page.locator("#tokens-count"), "0");
    expect(await whoami(emulator, one)).toBe(401);
  });
});

describe("faults", () => {
  const added: [button: string, fault: FaultDefinition][] = [
    ["Latency", { on: "api", kind: "latency", ms: 2000 }],
    ["Status", { on: "api", kind: "status", status: 503 }],
    ["Reset", { on: "api", kind: "reset" }],
    ["Stall", { on: "api", kind: "stall" }],
    ["Truncate", { on: "api", kind: "truncate" }],
    ["HTML", { on: "api", kind: "html" }],
    ["Redirect", { on: "api", kind: "redirect", status: 302, location: "https://login.example/" }],
    ["Reject token", { on: "api", kind: "reject-token" }],
    [
      "Token response",
      { on: "token", kind: "token-response", status: 400, body: '{"error":"invalid_client"}' },
    ],
  ];

  test("have a button for each kind", async () => {
    const emulator = await running();
    const page = await openConsole(emulator);
    await shows(page.locator("#active-faults"), /^$/);
    for (const [button, fault] of added) {
      await press(page, button);
      await until(() => emulator.faults.list().at(-1)).toEqual({ ...fault, times: 1, remaining: 1 });
    }
    await until(() => page.locator("#active-faults > li").count()).toBe(added.length);
    const kinds = added.map(([, { kind }]) => kind);
    expect(() => emulator.faults.add({} as never)).toThrow(`one of ${kinds.join(", ")}`);
    await press(page, "Clear all");
    await until(() => emulator.faults.list()).toEqual([]);
    await until(() => page.locator("#active-faults > li").count()).toBe(0);
  });

  test("meet the next call, as often as was asked for, with the parameters given", async () => {
    const emulator = await running();
    const token = await getToken(emulator);
    const page = await openConsole(emulator);
    const statuses = page.locator('form[data-kind="status"]');
    await statuses.getByLabel("Status").fill("429");
    await statuses.getByLabel("retry after").fill("7");
    await page.getByLabel("Times").fill("2");
    await press(page, "Status");
    await shows(page.locator("#active-faults"), "status 429 · retry after 7 · API · 2 more requests");
    const refused = await callApi(emulator, token, WHOAMI);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    await refresh(page);
    await shows(page.locator("#active-faults"), "1 more request");
    expect([await whoami(emulator, token), await whoami(emulator, token)]).toEqual([429, 200]);
    await refresh(page);
    await until(() => page.locator("#active-faults > li").count()).toBe(0);
  });

  test("last until cleared, on the token endpoint, for one method and path, where that was chosen", async () => {
    const emulator = await running();
    const page = await openConsole(emulator);
    await page.locator("#fault-target").getByText("Token", { exact: true }).click();
    await page.getByLabel("Until cleared").check();
    await page.getByText("Only some requests").click();
    await page.getByLabel("Method").selectOption("POST");
    const path = page.getByLabel("Path begins with");
    await path.fill("connect");
    await press(page, "HTML");
    const wrong = 'fault path must be text that begins with /; got "connect"';
    await shows(said(page), wrong);
    // The browser shows it at the field, which has the focus.
    expect(await page.evaluate("document.activeElement.validationMessage")).toBe(wrong);
    await path.fill("/connect");
    await press(page, "HTML");
    await shows(page.locator("#active-faults"), "html token endpoint POST /connect · until cleared");
    for (const _ of [1, 2]) {
      const answer = await postToken(emulator, form(emulator.credentials));
      expect(answer.headers.get("content-type")).toContain("text/html");
    }
    expect(emulator.faults.list()).toHaveLength(1);
  });
});

describe("what is copied", () => {
  test("settings and curl lines hold the secret, which the page shows only when asked to", async () => {
    const emulator = await running();
    const { clientSecret, clientId, tenantId } = emulator.credentials;
    const page = await openConsole(emulator);
    expect(await page.content()).not.toContain(clientSecret);
    const copied = async (name: string) => {
      await press(page, name);
      await shows(said(page), "in the clipboard");
      return page.evaluate("navigator.clipboard.readText()");
    };
    expect(await copied("Copy settings")).toBe(
      [
        `PERSONIFY_CLIENT_ID=${clientId}`,
        `PERSONIFY_CLIENT_SECRET=${clientSecret}`,
        `PERSONIFY_TENANT_ID=${tenantId}`,
        "PERSONIFY_SCOPE=idp_api",
        `PERSONIFY_API_BASE_URL=${emulator.apiBaseUrl}`,
        `PERSONIFY_TOKEN_URL=${emulator.tokenUrl}`,
        "PERSONIFY_ALLOW_INSECURE_HTTP=loopback\n",
      ].join("\n"),
    );
    const token = await copied("Copy the curl line for a token");
    expect(token).toContain(`curl -sS '${emulator.tokenUrl}' \\\n`);
    expect(token).toContain(`client_secret='${clientSecret}'`);
    const event = emulator.tenants[0]?.events[0]?.id;
    const call = await copied("Copy the curl lines for the API");
    expect(call).toContain(`${emulator.apiBaseUrl}/api/v1/exhibitor/event/${event}?`);
    expect(call).toContain(`X-Tenant-Id: ${tenantId}`);
    expect(await page.content()).not.toContain(clientSecret);
    await press(page, "Show secret");
    expect(await page.locator("#settings").textContent()).toContain(
      `PERSONIFY_CLIENT_SECRET=${clientSecret}`,
    );
    await press(page, "Show secret");
    expect(await page.content()).not.toContain(clientSecret);
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))");
    await press(page, "Copy settings");
    await shows(said(page), "The browser allows no copying here; show the secret, and select the text.");
  });
});

describe("anyone can use it", () => {
  test("by keyboard alone, with the focus in sight", async () => {
    const emulator = await running();
    const token = await getToken(emulator);
    await whoami(emulator, token);
    const page = await openConsole(emulator);
    const focused = () =>
      page.evaluate("document.activeElement.innerText || document.activeElement.name || ''");
    async function tabTo(wanted: RegExp): Promise<void> {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press("Tab");
        // A radio button is not drawn: what is beside it shows its focus.
        const outline =
          "getComputedStyle(document.activeElement.matches('[type=radio]') ? document.activeElement.nextElementSibling : document.activeElement).outlineStyle";
        expect([await focused(), await page.evaluate(outline)]).toEqual([expect.anything(), "solid"]);
        if (wanted.test(String(await focused()))) return;
      }
      throw new Error(`Tab does not lead to ${wanted}`);
    }
    await tabTo(/\+1 min/);
    await page.keyboard.press("Enter");
    await shows(page.locator("#clock-ahead"), "1 min ahead");
    await tabTo(/whoami/);
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toContain("/connect/token");
    await page.keyboard.press("Enter");
    await shows(rowsOf(page).nth(1), "client_secret: (masked)");
    await page.keyboard.press("Home");
    expect(await focused()).toContain("whoami");
    // The rows are one stop, however many there are.
    await page.keyboard.press("Tab");
    expect(await focused()).not.toContain("/connect/token");
    await tabTo(/Latency/);
    await page.keyboard.press("Enter");
    await until(() => emulator.faults.list()).toHaveLength(1);
    await tabTo(/Show secret/);
    await tabTo(/Copy/);
    await page.keyboard.press("Space");
    await shows(said(page), "in the clipboard");
  });

  test("in light and dark, wide and narrow, it has no fault that axe knows", async () => {
    const emulator = await running();
    const token = await getToken(emulator);
    emulator.clock.advance(3_000_000);
    await getToken(emulator);
    for (const status of [503, 429, 302, 200] as const) {
      emulator.faults.add({ on: "api", kind: "status", status, headers: { location: "/" } });
      await callApi(emulator, token, WHOAMI, { redirect: "manual" });
    }
    emulator.faults.add({ on: "api", kind: "reset" });
    await callApi(emulator, token, WHOAMI).catch(() => {});
    emulator.faults.add({ on: "token", kind: "html", times: Infinity });
    const page = await openConsole(emulator);
    await rowsOf(page).first().locator("summary").click();
    await press(page, "+1 min");
    await page.evaluate(axe.source);
    for (const [colorScheme, background] of [
      ["light", "rgb(244, 245, 248)"],
      ["dark", "rgb(16, 19, 25)"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(background);
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        const { violations, passes } = (await page.evaluate("axe.run()")) as axe.AxeResults;
        expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
        expect(passes.map(({ id }) => id)).toContain("color-contrast");
      }
    }
  });

  test("where colours are forced, what is chosen and how old a token is can still be seen", async () => {
    const emulator = await running();
    await getToken(emulator);
    const page = await openConsole(emulator);
    await page.emulateMedia({ forcedColors: "active" });
    const backgrounds = (selector: string) =>
      page.evaluate(
        `[...document.querySelectorAll('${selector}')].map((each) => getComputedStyle(each).background)`,
      ) as Promise<string[]>;
    expect(new Set(await backgrounds(":checked + .segment"))).not.toContain(
      (await backgrounds(":not(:checked) + .segment"))[0],
    );
    expect((await backgrounds(".age"))[0]).toContain("linear-gradient");
    expect(await page.evaluate("getComputedStyle(document.querySelector('.age')).forcedColorAdjust")).toBe(
      "none",
    );
  });

  test("from 360 px on, without scrolling sideways", async () => {
    const emulator = await running();
    await callApi(emulator, await getToken(emulator), `/api/v1/${"long".repeat(80)}?${"long".repeat(80)}`);
    emulator.faults.add({ on: "api", kind: "redirect", location: `https://${"long".repeat(80)}` });
    const page = await openConsole(emulator);
    await rowsOf(page).first().locator("summary").click();
    await page.getByText("Only some requests").click();
    await press(page, "Show secret");
    for (const width of [360, 480, 620, 700, 1040, 1060, 1280, 2000]) {
      await page.setViewportSize({ width, height: 740 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const outside = `[...document.querySelectorAll('button, input:not(.segments *), select, pre')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML)`;
      expect([width, await page.evaluate(outside)]).toEqual([width, []]);
    }
  });

  test("nothing moves as it loads, nor by itself", async () => {
    const emulator = await running();
    await whoami(emulator, await getToken(emulator));
    const page = await openConsole(emulator);
    const shifts = `new Promise((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().map((each) => each.value))).observe({ type: "layout-shift", buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
    })`;
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 });
      await page.reload();
      await refresh(page);
      await until(() => rowsOf(page).count()).toBe(2);
      expect([width, await page.evaluate(shifts)]).toEqual([width, []]);
    }
    const moving =
      "[...document.querySelectorAll('*')].flatMap((each) => [null, '::before'].map((part) => getComputedStyle(each, part).transitionDuration)).filter((time) => time !== '0s')";
    expect(await page.evaluate(moving)).toEqual([]);
  });
});

test("it asks for nothing while no one looks, and for all that came since once someone does", async () => {
  const emulator = await running();
  const page = await openConsole(emulator);
  const look = (hidden: boolean) =>
    page.evaluate(
      `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true }) && document.dispatchEvent(new Event("visibilitychange"))`,
    );
  await look(true);
  await refresh(page);
  let asked = 0;
  page.on("request", () => {
    asked += 1;
  });
  await whoami(emulator, "made-up");
  await page.clock.fastForward(60_000);
  expect(asked).toBe(0);
  await look(false);
  await until(() => rowsOf(page).count()).toBe(1);
  await refresh(page);
});

test("it says that the emulator is gone, and that another one has taken its place", async () => {
  const first = await startEmulator();
  onTestFinished(() => first.close());
  await getToken(first);
  const page = await openConsole(first);
  await until(() => rowsOf(page).count()).toBe(1);
  const place = () => page.getByRole("button", { name: "+1 h" }).boundingBox();
  const before = await place();
  await first.close();
  await page.clock.fastForward(1_000);
  await shows(page.locator("#connection"), "The emulator does not answer; trying each second");
  expect(await place()).toEqual(before);
  await press(page, "Revoke all");
  await shows(said(page), "The emulator does not answer");
  const second = await running({ port: Number(new URL(first.apiBaseUrl).port), seed: 2 });
  // Its first request has the number that the one before had.
  await whoami(second, "made-up");
  await page.clock.fastForward(1_000);
  await shows(said(page), "The emulator was started anew");
  await shows(page.locator("#connection"), "Live");
  await shows(page.locator("#about"), "seed 2");
  expect(await page.locator("#settings").textContent()).toContain(second.credentials.tenantId);
  await shows(rowsOf(page), /^\S+ ▲ 401 refused API/);
});

test("a page of another origin can neither read, nor change, nor frame it", async () => {
  const emulator = await running();
  const { port } = new URL(emulator.apiBaseUrl);
  const other = await running();
  const page = await context.newPage();
  onTestFinished(() => page.close());
  // The name leads to this machine, as one does that was rebound.
  const rebound = await page.goto(`http://evil.example:${port}/`);
  expect(rebound?.status()).toBe(421);
  const attempts = `Promise.all([
    fetch("${emulator.apiBaseUrl}/__emulator/console/setup").then((answer) => answer.text(), () => "refused"),
    fetch("${emulator.apiBaseUrl}/__emulator/faults", { method: "DELETE" }).then(() => "done", () => "refused"),
    fetch("${emulator.apiBaseUrl}/__emulator/tokens/revoke", { method: "POST", body: "{}", mode: "no-cors" }).then(() => "sent", () => "refused"),
  ])`;
  emulator.faults.add({ on: "api", kind: "html" });
  await getToken(emulator);
  await page.goto(`${other.apiBaseUrl}/connect/token`);
  const [read, changed] = (await page.evaluate(attempts)) as string[];
  expect([read, changed]).toEqual(["refused", "refused"]);
  expect([emulator.faults.list().length, emulator.tokens.alive().length]).toEqual([1, 1]);
  const framed = `new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = "${emulator.apiBaseUrl}/";
    frame.onload = () => resolve(frame.contentDocument === null ? "refused" : "empty");
    document.body.append(frame);
  })`;
  await page.evaluate(framed);
  expect(await page.frames()[1]?.locator("h1").count()).toBe(0);
});
