import { describe, expect, test } from 'vitest';
import { createProxyBypass } from '../../src/net/proxy-bypass.ts';

describe('NO_PROXY', () => {
  test.each([
    ['10.0.0.0/8', 'https://10.1.2.3/'],
    ['10.0.0.0/8', 'https://10.1.2.3:8443/'],
    ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]/'],
    ['10.1.2.3/32', 'https://10.1.2.3/'],
    ['slack.test, 172.16.0.0/12 other.test', 'http://172.31.255.255/'],
    ['2001:db8::/32', 'https://[2001:db8:1::9]/'],
    ['[2001:db8::]/32', 'https://[2001:db8:1::9]/'],
    ['fd00::/8', 'https://[fd12::1]:8443/'],
    ['::ffff:10.0.0.0/104', 'https://10.1.2.3/'],
    ['2001:db8::1', 'https://[2001:db8::1]/'],
    ['[2001:db8::1]', 'https://[2001:0db8:0:0::1]/'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/'],
    ['10.1.2.3', 'https://10.1.2.3/'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080/'],
    ['10.0.0.0/8:443', 'https://10.1.2.3/'],
    ['corp.test', 'https://corp.test/'],
    ['corp.test', 'https://wandb.corp.test/'],
    ['.corp.test', 'https://wandb.corp.test/'],
    ['.corp.test', 'https://corp.test/'],
    ['*.corp.test', 'https://a.b.corp.test/'],
    ['corp.test.', 'https://corp.test/'],
    ['corp.test', 'https://corp.test./'],
    ['CORP.test', 'https://wandb.Corp.Test/'],
    ['bücher.test', 'https://xn--bcher-kva.test/'],
    ['corp.test:443', 'https://corp.test/'],
    ['corp.test:443', 'wss://corp.test/link'],
    ['corp.test:80', 'http://corp.test/'],
    ['.corp.test:8443', 'https://wandb.corp.test:8443/'],
    ['*', 'https://anything.test/'],
    ['*', 'https://203.0.113.9/'],
    ['other.test, *', 'https://anything.test/'],
    ['a.test\tb.test,,\nc.test', 'https://c.test/'],
  ])('%j lets %s go out directly', (noProxy, url) => {
    expect(createProxyBypass(noProxy)(url)).toBe(true);
  });

  test.each([
    ['10.0.0.0/8', 'https://11.1.2.3/'],
    ['10.0.0.0/8', 'https://10.example.test/'],
    ['10.0.0.0/8', 'https://[2001:db8::1]/'],
    ['0.0.0.0/0', 'https://corp.test/'],
    ['10.0.0.0/33', 'https://10.1.2.3/'],
    ['010.0.0.0/8', 'https://8.1.2.3/'],
    ['10/8', 'https://0.1.2.3/'],
    ['10.0.0.0/x', 'https://10.1.2.3/'],
    ['corp.test/24', 'https://corp.test/'],
    ['2001:db8::/32', 'https://[2001:db9::1]/'],
    ['2001:db8::1', 'https://[2001:db8::2]/'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]/'],
    ['10.1.2.3:8080', 'http://10.1.2.3/'],
    ['10.1.2.3', 'https://110.1.2.3/'],
    ['corp.test', 'https://evilcorp.test/'],
    ['.corp.test', 'https://evilcorp.test/'],
    ['corp.test', 'https://corp.test.evil.test/'],
    ['corp.test:443', 'https://corp.test:8443/'],
    ['corp.test:443', 'http://corp.test/'],
    ['co*.test', 'https://corp.test/'],
    [':443', 'https://corp.test/'],
    ['.', 'https://corp.test/'],
    ['', 'https://corp.test/'],
    [undefined, 'https://corp.test/'],
  ])('%j leaves %s to the proxy', (noProxy, url) => {
    expect(createProxyBypass(noProxy)(url)).toBe(false);
  });

  test.each(['http://localhost:3000/', 'http://127.0.0.1/', 'http://127.8.8.8/', 'http://[::1]:8080/'])(
    'never applies to loopback: %s goes out directly',
    (url) => {
      expect(createProxyBypass(undefined)(url)).toBe(true);
      expect(createProxyBypass('corp.test')(url)).toBe(true);
    },
  );
});
