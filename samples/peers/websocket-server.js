// A WebSocket server (the ws package) at the path /chat: sends back what it gets, pings
// each client every 250 ms, and closes with 4001 when it is told "leave".
// usage: websocket-server.js ADDRESS
'use strict';
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: process.argv[2],
  port: 80,
  path: '/chat',
  perMessageDeflate: { threshold: 64 },
});
server.on('connection', (socket) => {
  const pings = setInterval(() => socket.ping('beat'), 250);
  socket.on('close', () => clearInterval(pings));
  socket.on('message', (data, isBinary) => {
    if (data.toString() === 'leave') socket.close(4001, 'as you wish');
    else socket.send(data, { binary: isBinary });
  });
});
