// Which page are the front ends tried in? One that is not there: jsdom has a page's elements, events and rules of origin.
// Reads programs from standard input, a line of JSON each, runs them in the page, and answers with a line each.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { JSDOM, VirtualConsole } from "jsdom";

const [server, version] = process.argv.slice(2);
const file = (name) => readFileSync(new URL(`node_modules/${name}`, import.meta.url), "utf8");
const CLIENT = { 5: "algoliasearch/dist/lite/builds/browser.umd.js", 4: "algoliasearch-4/dist/algoliasearch-lite.umd.js" };
const code = ["instantsearch.js/dist/instantsearch.production.min.js", CLIENT[version]].map(file);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const troubles = [];
process.on("unhandledRejection", (error) => troubles.push(String(error?.message ?? error)));
const virtualConsole = new VirtualConsole().on("jsdomError", (error) => troubles.push(String(error.message)));

let page;

async function open(url) {
  page?.window.close();
  const { window } = new JSDOM("<!doctype html><body></body>", {
    url, runScripts: "outside-only", pretendToBeVisual: true, virtualConsole,
  });
  code.forEach((text) => window.eval(text));
  // What jsdom lacks, since nothing is drawn.
  window.Element.prototype.scrollIntoView = () => {};
  window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {} });
  const { host, protocol } = new URL(server);
  const given = { hosts: [{ url: host, protocol: protocol.slice(0, -1), accept: version === "4" ? 3 : "readWrite" }] };
  const client = (window["algoliasearch/lite"]?.liteClient ?? window.algoliasearch)("site", "public", given);
  const asked = [];
  let waiting = 0;
  const counted = (name) => async (requests) => {
    asked.push(...(requests.requests ?? requests));
    waiting += 1;
    try { return await client[name](requests); } finally { waiting -= 1; }
  };
  const searchClient = { ...client, search: counted("search") };
  if (client.searchForFacetValues) searchClient.searchForFacetValues = counted("searchForFacetValues");
  const { widgets } = window.instantsearch;
  const at = (id) => window.document.body.appendChild(Object.assign(window.document.createElement("div"), { id }));

  page = {
    window, client, asked, widgets, at, host,
    full: (await import(version === "4" ? "algoliasearch-4" : "algoliasearch"))[version === "4" ? "default" : "algoliasearch"],
    document: window.document,
    searchClient,
    load: (...names) => names.forEach((name) => window.eval(file(name))),
    async until(so) {
      for (let tries = 0; !so() && tries < 200; tries += 1) await wait(20);
      await page.settled();
    },
    async start(list, options = {}) {
      page.search = window.instantsearch({ indexName: "posts", searchClient, insights: false, ...options });
      page.search.on("error", (error) => troubles.push(String(error.error?.message ?? error.message)));
      page.search.addWidgets(list);
      page.search.start();
      await page.settled();
    },
    async settled() {
      do await wait(20); while (waiting || ["loading", "stalled"].includes(page.search?.status));
      await wait(20);
    },
    async type(where, text, first = 1) {
      const input = page.document.querySelector(where);
      for (let end = first; end <= text.length; end += 1) {
        // React hides the value of an input behind one of its own.
        Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set.call(input, text.slice(0, end));
        input.dispatchEvent(new window.Event("input", { bubbles: true }));
      }
      await page.settled();
    },
    async click(where, text = "") {
      const found = [...page.document.querySelectorAll(where)].find((one) => one.textContent.includes(text));
      if (!found) throw new Error(`nothing to click at ${where} ${text}: ${page.document.body.innerHTML}`);
      found.dispatchEvent(new window.MouseEvent("click", { bubbles: true, cancelable: true }));
      await page.settled();
    },
    async choose(where, value) {
      const select = page.document.querySelector(where);
      select.value = value;
      select.dispatchEvent(new window.Event("change", { bubbles: true }));
      await page.settled();
    },
    texts: (where) => [...page.document.querySelectorAll(where)].map((one) => one.textContent.trim()),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const program = JSON.parse(line);
  let told = {};
  try {
    if (program.url) await open(program.url);
    else told = { value: (await new (async () => {}).constructor(...Object.keys(page), program.run)(...Object.values(page))) ?? null };
  } catch (error) {
    told = { error: String(error?.stack ?? error) };
  }
  console.log(JSON.stringify({ ...told, troubles: troubles.splice(0) }));
}
