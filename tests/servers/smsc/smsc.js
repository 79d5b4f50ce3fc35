// An SMSC for the tests, on node-smpp. It prints what happens as JSON, a line each, and takes orders the same way.
//
//   node smsc.js '{"port": 2775, "password": "…", …}'     the options are those of `wanted` below
//   {"mo": {"from": "…", "to": "…", "text": "…", "coding": 8, "udh": "0500030a0201"}}     somebody writes
//   {"report": {"id": "…", "to": "…", "stat": "DELIVRD"}}                                 a report out of the blue
//   {"set": {"tps": 0}}                                                                   other options from now on
//   {"echo": 1}                                                  comes back behind all that was printed before
"use strict";
const fs = require("fs");
const readline = require("readline");
const smpp = require("smpp");

const wanted = Object.assign(
  {
    port: 0,
    password: "",
    tps: 0, // messages a second, then ESME_RTHROTTLED; 0: as many as come
    full: 0, // so many are answered with ESME_RMSGQFUL first
    answerMs: 0, // before a message is answered; below 0: never
    reportMs: 5, // after the message was taken; below 0: before it is answered
    answerAs: "hex8", // how ids are written: hex8, hex, dec
    reportAs: "hex8",
    tlv: true, // whether reports say their id and state in parameters, too
    stat: "", // what every report says; empty: the number's last digit decides
  twice: false, // whether each report comes twice
    bindStatus: 0,
  quiet: false, // says nothing of single messages
    key: "",
    cert: "",
  },
  JSON.parse(process.argv[2] || "{}")
);

const LOUD = new Set(["listening", "bind", "error"]);
const say = (event) => {
  if (!wanted.quiet || LOUD.has(event.event)) process.stdout.write(JSON.stringify(event) + "\n");
};
const written = { hex8: (n) => n.toString(16).padStart(8, "0"), hex: (n) => n.toString(16), dec: String };
const STATES = { DELIVRD: 2, EXPIRED: 3, UNDELIV: 5, ACCEPTD: 6, REJECTD: 8 };
const BY_LAST_DIGIT = { 1: "UNDELIV", 2: "EXPIRED", 3: "REJECTD" };
const RESEND_MS = 200;

const bound = new Set();
const pieces = new Map();
let taken = 0;
let second = 0;
let inSecond = 0;

function receiver() {
  for (const session of bound) if (session.hears) return session;
  return null;
}

// A message that is not acknowledged comes again, as from any carrier.
function deliver(pdu, event) {
  const session = receiver();
  const again = () => setTimeout(() => deliver(pdu, event), RESEND_MS);
  if (session === null) return again();
  session.deliver_sm({ ...pdu }, (answer) => {
    say({ ...event, status: answer.command_status });
    if (answer.command_status === smpp.ESME_RX_T_APPN || answer.command_status === smpp.ESME_RMSGQFUL) again();
  });
}

function report(id, to, from, stat, answered) {
  const arrived = stat === "DELIVRD";
  const at = new Date().toISOString().replace(/[-:T]/g, "").slice(2, 12);
  const text =
    `id:${written[wanted.reportAs](id)} sub:001 dlvrd:${arrived ? "001" : "000"} submit date:${at} ` +
    `done date:${at} stat:${stat} err:${arrived ? "000" : "001"} text:`;
  const pdu = { source_addr: to, destination_addr: from, esm_class: 4, short_message: text };
  if (wanted.tlv) {
    pdu.receipted_message_id = written[wanted.answerAs](id);
    pdu.message_state = STATES[stat];
  }
  const event = { event: "reported", id: written[wanted.answerAs](id), to, stat, answered };
  deliver(pdu, event);
  if (wanted.twice) deliver(pdu, event);
}

function textOf(pdu) {
  const message = pdu.message_payload || pdu.short_message;
  const text = message && message.message !== undefined ? message.message : message;
  return Buffer.isBuffer(text) ? Buffer.from(text).swap16().toString("utf16le") : text || "";
}

// Returns which part of how many this is, and how it is marked.
function partOf(pdu) {
  const header = pdu.short_message && pdu.short_message.udh;
  if (header) {
    const udh = Buffer.isBuffer(header) ? header : Buffer.concat(header);
    const at = udh.indexOf(Buffer.from([0, 3]));
    return { how: "udh", mark: udh[at + 2], total: udh[at + 3], index: udh[at + 4] };
  }
  if (pdu.sar_total_segments)
    return { how: "sar", mark: pdu.sar_msg_ref_num, total: pdu.sar_total_segments, index: pdu.sar_segment_seqnum };
  return { how: pdu.message_payload ? "payload" : "single", mark: 0, total: 1, index: 1 };
}

function assemble(pdu) {
  const part = partOf(pdu);
  const key = `${pdu.destination_addr}/${part.mark}/${part.total}`;
  const found = pieces.get(key) || new Map();
  found.set(part.index, textOf(pdu));
  pieces.set(key, found);
  if (found.size < part.total) return;
  pieces.delete(key);
  const text = [...found.keys()].sort((a, b) => a - b).map((index) => found.get(index)).join("");
  say({
    event: "text",
    from: pdu.source_addr,
    to: pdu.destination_addr,
    text,
    how: part.how,
    parts: part.total,
    coding: pdu.data_coding,
    wantsReport: (pdu.registered_delivery & 1) === 1,
  });
}

function refusal(pdu) {
  if (pdu.destination_addr.startsWith("99999")) return smpp.ESME_RINVDSTADR;
  if (wanted.full > 0) {
    wanted.full -= 1;
    return smpp.ESME_RMSGQFUL;
  }
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) [second, inSecond] = [now, 0];
  return wanted.tps && ++inSecond > wanted.tps ? smpp.ESME_RTHROTTLED : smpp.ESME_ROK;
}

function submitted(session, pdu) {
  const command_status = refusal(pdu);
  if (command_status !== smpp.ESME_ROK) {
    say({ event: "refused", to: pdu.destination_addr, status: command_status });
    return session.send(pdu.response({ command_status }));
  }
  const id = ++taken;
  assemble(pdu);
  let answered = false;
  const answer = () => {
    answered = true;
    session.send(pdu.response({ message_id: written[wanted.answerAs](id) }));
  };
  const stat = wanted.stat || BY_LAST_DIGIT[pdu.destination_addr.slice(-1)] || "DELIVRD";
  const tell = () => report(id, pdu.destination_addr, pdu.source_addr, stat, answered);
  const asked = (pdu.registered_delivery & 1) === 1;
  if (asked && wanted.reportMs < 0) tell();
  if (wanted.answerMs > 0) setTimeout(answer, wanted.answerMs);
  else if (wanted.answerMs === 0) answer();
  if (asked && wanted.reportMs >= 0) setTimeout(tell, wanted.reportMs);
}

function welcome(session) {
  const bind = (hears) => (pdu) => {
    session.pause();
    const wrong = pdu.password !== wanted.password ? smpp.ESME_RINVPASWD : wanted.bindStatus;
    say({ event: "bind", system_id: pdu.system_id, command: pdu.command, status: wrong });
    if (wrong) {
      session.send(pdu.response({ command_status: wrong }));
      return session.close();
    }
    session.hears = hears;
    bound.add(session);
    session.send(pdu.response({ system_id: "test" }));
    session.resume();
  };
  session.on("bind_transceiver", bind(true));
  session.on("bind_receiver", bind(true));
  session.on("bind_transmitter", bind(false));
  session.on("enquire_link", (pdu) => {
    say({ event: "enquire" });
    session.send(pdu.response());
  });
  session.on("unbind", (pdu) => {
    say({ event: "unbind" });
    session.send(pdu.response());
    session.close();
  });
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("error", (error) => say({ event: "error", message: String(error) }));
  session.on("close", () => bound.delete(session));
}

const orders = {
  echo: (mark) => process.stdout.write(JSON.stringify({ event: "echo", mark }) + "\n"),
  set: (options) => Object.assign(wanted, options),
  report: (one) => report(parseInt(one.id, 16), one.to, one.from || "10690001", one.stat, true),
  mo: (one) => {
    const udh = one.udh && Buffer.from(one.udh, "hex");
    deliver(
      {
        source_addr: one.from,
        destination_addr: one.to || "10690001",
        data_coding: one.coding,
        short_message: udh ? { udh, message: one.text } : { message: one.text },
        esm_class: udh ? 0x40 : 0,
      },
      { event: "mo", text: one.text }
    );
  },
};

const tls = wanted.key ? { key: fs.readFileSync(wanted.key), cert: fs.readFileSync(wanted.cert) } : {};
const server = smpp.createServer(tls, welcome);
server.listen(wanted.port, "127.0.0.1", () => say({ event: "listening", port: server.address().port }));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  for (const [name, value] of Object.entries(JSON.parse(line))) orders[name](value);
});
process.on("SIGTERM", () => process.exit(0));
