// A picture on a WebSocket: 4 bytes of header length (big-endian), the header as JSON, the JPEG.

const LENGTH_BYTES = 4;

/** header: what is known of the picture; jpeg: ArrayBuffer. */
export function packFrame(header, jpeg) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(LENGTH_BYTES + text.length + jpeg.byteLength);
  new DataView(message.buffer).setUint32(0, text.length);
  message.set(text, LENGTH_BYTES);
  message.set(new Uint8Array(jpeg), LENGTH_BYTES + text.length);
  return message;
}

/** {header, jpeg}: the header as an object, the JPEG as a Blob. */
export function unpackFrame(message) {
  const length = new DataView(message).getUint32(0);
  const text = new TextDecoder().decode(new Uint8Array(message, LENGTH_BYTES, length));
  return { header: JSON.parse(text), jpeg: new Blob([new Uint8Array(message, LENGTH_BYTES + length)], { type: "image/jpeg" }) };
}
