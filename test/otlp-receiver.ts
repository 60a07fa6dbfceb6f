import type { IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from './loopback-server.js';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Empty: it is a root. */
  parentSpanId: string;
  name: string;
  kind: keyof typeof KINDS;
  beganAtMs: number;
  endedAtMs: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  isError: boolean;
  /** Of the process that sent it. */
  service: string;
}

/** Numbers of the enumeration `Span.SpanKind`. */
const KINDS = { internal: 1, server: 2, client: 3, consumer: 5 };

/** A collector that keeps what it is sent by OTLP over HTTP, in protobuf; or one that takes it and never answers. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Paths and headers of the requests. */
  readonly requests: { path: string; contentType: string | undefined }[] = [];
  private readonly bodies: Buffer[] = [];
  private readonly server = new LoopbackServer((incoming, body, outgoing) =>
    this.hear(incoming, body, outgoing),
  );

  constructor(private readonly isSilent = false) {}

  /** For the first time, or at the same port as before. */
  listen(): Promise<void> {
    return this.server.listen();
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Of a call's trace, in the order they began. */
  of(callId: string): ReceivedSpan[] {
    const traceId = callId.replaceAll('-', '');
    return this.spans
      .filter((span) => span.traceId === traceId)
      .sort((a, b) => a.beganAtMs - b.beganAtMs || a.endedAtMs - b.endedAtMs);
  }

  /** All bytes that came: texts are in them as they are. */
  get text(): string {
    return Buffer.concat(this.bodies).toString('latin1');
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private hear({ url, headers }: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
    this.requests.push({ path: url ?? '', contentType: headers['content-type'] });
    if (this.isSilent) return;
    this.bodies.push(body);
    this.spans.push(...spansIn(body));
    outgoing.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }
}

/** A message of protobuf as it is on the wire: by the number of a field, what it was set to. */
type Message = Map<number, (Buffer | bigint)[]>;

/** Field numbers here and below: opentelemetry-proto, `trace/v1/trace.proto`, `common/v1/common.proto`. */
function spansIn(request: Buffer): ReceivedSpan[] {
  return messages(read(request), 1).flatMap((ofProcess) => {
    const resource = messages(ofProcess, 1)[0]!;
    const { 'service.name': service } = attributesOf(resource, 1);
    return messages(ofProcess, 2).flatMap((scope) =>
      messages(scope, 2).map((span) => ({ ...spanOf(span), service: String(service) })),
    );
  });
}

function spanOf(span: Message): Omit<ReceivedSpan, 'service'> {
  const kind = Object.entries(KINDS).find(([, number]) => number === Number(only(span, 6)));
  const status = messages(span, 15)[0];
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: (kind?.[0] ?? 'none') as ReceivedSpan['kind'],
    beganAtMs: Number(only(span, 7)) / 1e6,
    endedAtMs: Number(only(span, 8)) / 1e6,
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    isError: status !== undefined && Number(only(status, 3)) === 2,
  };
}

function attributesOf(message: Message, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((pair) => [text(pair, 1), valueOf(messages(pair, 2)[0]!)]),
  );
}

function valueOf(any: Message): unknown {
  const [[field, [value]]] = [...any] as [[number, [Buffer | bigint]]];
  switch (field) {
    case 1:
      return value.toString();
    case 2:
      return value === 1n;
    case 3:
      return Number(value);
    case 4:
      return floatOf(value as bigint);
    case 5:
      return messages(read(value as Buffer), 1).map(valueOf);
    default:
      throw new Error(`No attribute has a value of the kind ${field}`);
  }
}

function floatOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}

const only = (message: Message, field: number): Buffer | bigint => message.get(field)?.[0] ?? 0n;
const bytesOf = (message: Message, field: number): Buffer =>
  (message.get(field)?.[0] ?? Buffer.alloc(0)) as Buffer;
const hex = (message: Message, field: number): string => bytesOf(message, field).toString('hex');
const text = (message: Message, field: number): string => bytesOf(message, field).toString('utf8');
const messages = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).map((value) => read(value as Buffer));

function read(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (count: number): Buffer => bytes.subarray(at, (at += count));
  const value = (wireType: number): Buffer | bigint => {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        return take(8).readBigUInt64LE();
      case 2:
        return take(Number(varint()));
      case 5:
        return BigInt(take(4).readUInt32LE());
      default:
        throw new Error(`Protobuf has no wire type ${wireType}`);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    message.set(key >> 3, [...(message.get(key >> 3) ?? []), value(key & 7)]);
  }
  return message;
}
