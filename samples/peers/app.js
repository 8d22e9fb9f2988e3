// A Node.js server that streams, waits, refuses and gives up.
// usage: app.js ADDRESS [IDLE_MS]: keepAliveTimeout (Node 20.20 announces that
// time and closes a second later)
'use strict';
const http = require('http');
const zlib = require('zlib');

const lines = (count) =>
  Array.from({ length: count }, (_, i) => `line ${i + 1} of ${count}\n`);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function stream(res, url) {
  const ms = Number(url.searchParams.get('ms') || 20);
  for (const line of lines(Number(url.searchParams.get('lines') || 8))) {
    res.write(line);
    await pause(ms);
  }
}

const routes = {
  // chunked, one line a chunk, and a trailer at the end
  '/stream': async (req, res, url) => {
    const isChunked = req.httpVersion !== '1.0'; // if not, the body ends by close
    if (isChunked) res.setHeader('Trailer', 'X-State');
    res.writeHead(200, { 'Content-Type': 'text/plain' });
    await stream(res, url);
    if (isChunked) res.addTrailers({ 'X-State': 'done' });
    res.end();
  },
  // chunked and compressed
  '/gzip': (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip' });
    const gzip = zlib.createGzip();
    gzip.pipe(res);
    gzip.end(lines(2000).join(''));
  },
  // a body of known length after ?ms= milliseconds
  '/slow': async (req, res, url) => {
    await pause(Number(url.searchParams.get('ms') || 60));
    res.end(`waited ${url.searchParams.get('ms')} ms\n`);
  },
  // reads what is sent to it and tells how much that was
  '/upload': (req, res) => {
    let bytes = 0;
    req.on('data', (part) => { bytes += part.length; });
    req.on('end', () => res.end(`${bytes} bytes\n`));
  },
  // promises 4000 bytes, sends half of them, and drops the connection
  '/broken': async (req, res) => {
    res.writeHead(200, { 'Content-Length': 4000, 'Content-Type': 'text/plain' });
    res.write('x'.repeat(2000));
    await pause(50);
    res.socket.destroy();
  },
  // drops the connection instead of an answer
  '/crash': (req, res) => res.socket.destroy(),
};

function answer(req, res) {
  const url = new URL(req.url, 'http://app.example');
  const route = routes[url.pathname];
  if (route) return route(req, res, url);
  const text = `this is ${url.pathname}\n`;
  res.end(text);
}

const server = http.createServer(answer);
server.on('checkContinue', (req, res) => {
  if (req.url === '/never') {
    res.writeHead(417, { 'Content-Length': 0 });
    return res.end();
  }
  if (req.url === '/silent') return routes['/upload'](req, res);
  res.writeContinue();
  answer(req, res);
});
server.keepAliveTimeout = Number(process.argv[3] || 5000);
server.listen(80, process.argv[2]);
