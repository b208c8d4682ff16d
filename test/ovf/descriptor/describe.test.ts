import { expect, describe as group, test } from 'vitest';
import { createNotes } from '../../../src/ovf/descriptor/notes.js';
import { readDescriptor } from '../../../src/ovf/read-descriptor.js';
import { FULL_OVF, item, type SampleOptions, sampleOvf } from '../../support/ovf/sample.js';

function read(text: string) {
  const notes = createNotes();
  const found = readDescriptor(Buffer.from(text), notes);
  if (found.kind !== 'described') throw new Error(`${found.reason}: ${found.detail}`);
  return { ...found.descriptor, notes: notes.all() };
}

const sample = (options: SampleOptions) => read(sampleOvf(options));
const disk = (id: string, attributes: string) => `<Disk ovf:diskId="${id}" ${attributes}/>`;
const drive = (id: number, resource: string) => item({ InstanceID: id, ResourceType: 17, HostResource: resource });
const options =
  '<DeploymentOptionSection><Configuration ovf:id="s"/><Configuration ovf:id="l"/></DeploymentOptionSection>';

group('memory', () => {
  test.each([
    [null, 512, 512],
    ['byte * 2^20', 512, 512],
    ['byte*2^20', 512, 512],
    ['bytes * 2 ^ 30', 2, 2048],
    ['byte * 1024 * 1024', 7, 7],
    ['2^10 * byte', 2048, 2],
    ['KiloBytes', 2048, 2],
    ['MegaBytes', 512, 512],
    ['GigaBytes', 2, 2048],
    ['KB', 2048, 2],
    ['MB', 512, 512],
    ['GB', 2, 2048],
    ['byte', 1_048_576, 1],
  ])('in %s', (unit, quantity, memoryMib) => {
    const units = unit === null ? {} : { AllocationUnits: unit };
    const described = sample({ items: item({ ResourceType: 4, ...units, VirtualQuantity: quantity }) });
    expect(described).toMatchObject({ memoryMib, notes: [] });
  });

  test.each([
    ['furlong', '512', 'the unit of the memory is not known: "furlong"'],
    ['hertz * 10^6', '512', 'the unit of the memory is not known: "hertz * 10^6"'],
    ['byte * 2^999', '512', 'the unit of the memory is not known: "byte * 2^999"'],
    ['byte * byte', '512', 'the unit of the memory is not known: "byte * byte"'],
    ['MB', 'much', 'the amount of memory is no integer: "much"'],
    ['GB', '9'.repeat(30), expect.stringMatching(/^the amount of memory is beyond all measure/)],
  ])('in %s, %s of them, is not known', (unit, quantity, note) => {
    const described = sample({ items: item({ ResourceType: 4, AllocationUnits: unit, VirtualQuantity: quantity }) });
    expect(described).toMatchObject({ memoryMib: null, notes: [note] });
  });

  test.each([
    [{ VirtualQuantityUnits: 'byte * 2^30' }, 4096],
    [{ AllocationUnits: ' ', VirtualQuantityUnits: 'byte * 2^30' }, 4096],
    [{ AllocationUnits: 'byte * 2^20', VirtualQuantityUnits: 'byte * 2^30' }, 4],
  ])('has the unit of its quantity if no other is said: %j', (units, memoryMib) => {
    const described = sample({ items: item({ ResourceType: 4, ...units, VirtualQuantity: 4 }) });
    expect(described).toMatchObject({ memoryMib, notes: [] });
  });

  test('that is no whole number of MiB is rounded down, and that is noted', () => {
    const described = sample({ items: item({ ResourceType: 4, AllocationUnits: 'KB', VirtualQuantity: 1536 }) });
    expect(described).toMatchObject({ memoryMib: 1, notes: ['the memory is no whole number of MiB: rounded down'] });
  });
});

group('processors', () => {
  test.each<[string, Record<string, number | string>, number | null]>([
    ['oVirt counts sockets and cores', { num_of_sockets: 2, cpu_per_socket: 3 }, 6],
    ['oVirt counts threads, too', { num_of_sockets: 2, cpu_per_socket: 3, threads_per_cpu: 2 }, 12],
    ['one number is missing', { num_of_sockets: 4 }, 4],
    ['a quantity goes first', { num_of_sockets: 2, cpu_per_socket: 3, VirtualQuantity: 8 }, 8],
    ['none is a number', { num_of_sockets: 'two' }, null],
    ['nothing is said', {}, null],
  ])('are counted where %s', (_, values, cpus) => {
    expect(sample({ items: item({ ResourceType: 3, ...values }) }).cpus).toBe(cpus);
  });

  test('are not taken from the sockets of anything else', () => {
    expect(sample({ items: item({ ResourceType: 4, num_of_sockets: 2, VirtualQuantity: 512 }) })).toMatchObject({
      cpus: null,
      memoryMib: 512,
    });
  });
});

test.each<[string, 'cpus' | 'memoryMib', number, string]>([
  ['processors', 'cpus', 3, 'the number of processors is beyond all measure: "18014398509481982"'],
  ['memory', 'memoryMib', 4, 'the amount of memory is beyond all measure: "18014398509481982"'],
])('of several systems the %s are added up as far as a number is exact', (_, value, type, note) => {
  const together = (quantities: readonly number[]) => {
    const systems = quantities.map((VirtualQuantity) => {
      const items = item({ ResourceType: type, VirtualQuantity });
      return `<VirtualSystem><VirtualHardwareSection>${items}</VirtualHardwareSection></VirtualSystem>`;
    });
    const collection = `<VirtualSystemCollection>${systems.join('')}</VirtualSystemCollection>`;
    return read(sampleOvf().replace(/<VirtualSystem [\s\S]*<\/VirtualSystem>/, collection));
  };
  const most = Number.MAX_SAFE_INTEGER;
  expect(together([most - 1, 1])).toMatchObject({ [value]: most, notes: [] });
  expect(together([most, most])).toMatchObject({
    [value]: null,
    systems: [{ [value]: most }, { [value]: most }],
    notes: [note],
  });
});

group('a prefix that nobody declares', () => {
  test('means what it is called, and that is noted', () => {
    const text = FULL_OVF.replace(/ xmlns:(?:vmw|rasd)="[^"]*"/g, '');
    const { notes, ...values } = read(text);
    expect(values).toEqual({ ...read(FULL_OVF), notes: undefined });
    expect(notes).toEqual(['the prefix "vmw" is not declared', 'the prefix "rasd" is not declared']);
  });

  test('may be that of OVF itself', () => {
    const text =
      '<ovf:Envelope><ovf:VirtualSystem ovf:id="web"><ovf:Name>Web</ovf:Name></ovf:VirtualSystem></ovf:Envelope>';
    expect(read(text)).toMatchObject({ name: 'Web', systems: [{ id: 'web' }] });
  });
});

group('a configuration', () => {
  const cpu = (id: number, quantity: number, attributes = '') =>
    item({ InstanceID: id, ResourceType: 3, VirtualQuantity: quantity }, attributes);

  test.each<[string, string, number | null]>([
    ['replaces the plain item of the same id', cpu(1, 1) + cpu(1, 2, 'ovf:configuration="s"'), 2],
    ['adds an item of its own', cpu(1, 1) + cpu(2, 2, 'ovf:configuration="s"'), 3],
    ['is the first if none is marked', cpu(1, 1, 'ovf:configuration="l"') + cpu(1, 2, 'ovf:configuration="s"'), 2],
    ['may be one of several', cpu(1, 4, 'ovf:configuration="x  s l"'), 4],
    ['may stand in no namespace', cpu(1, 4, 'configuration="s"'), 4],
    ['that is not the default leaves the plain item', cpu(1, 1) + cpu(1, 8, 'ovf:configuration="l"'), 1],
    ["doesn't mind bounds", cpu(1, 4) + cpu(1, 1, 'ovf:bound="min"') + cpu(1, 8, 'ovf:bound="max"'), 4],
    ['takes what is normal', cpu(1, 4, 'ovf:bound="normal"'), 4],
    ['without any item says nothing', '', null],
  ])('%s', (_, items, cpus) => {
    expect(sample({ sections: options, items })).toMatchObject({ cpus, defaultConfiguration: 's' });
  });

  test('that nobody offers brings no item', () => {
    expect(sample({ items: cpu(1, 4, 'ovf:configuration="s"') })).toMatchObject({
      cpus: null,
      defaultConfiguration: null,
    });
  });

  test('is chosen by its mark, and shown with its label', () => {
    expect(read(FULL_OVF)).toMatchObject({
      configurations: [
        { id: 'small', label: 'Small' },
        { id: 'large', label: 'Large' },
      ],
      defaultConfiguration: 'large',
    });
  });
});

group('disks', () => {
  const section = (disks: string) => `<DiskSection>${disks}</DiskSection>`;

  test.each([['ovf:/disk/d'], ['ovf://disk/d'], ['/disk/d'], ['//disk/d']])('are found by %s', (resource) => {
    const described = sample({ sections: section(disk('d', 'ovf:capacity="7"')), items: drive(1, resource) });
    expect(described.disks).toEqual({ count: 1, capacityBytes: 7 });
  });

  test('that are not attached do not count', () => {
    const sections = section(disk('a', 'ovf:capacity="1"') + disk('b', 'ovf:capacity="2"'));
    expect(sample({ sections }).disks).toEqual({ count: 0, capacityBytes: 0 });
    expect(sample({ sections, items: drive(1, 'ovf:/disk/b') }).disks).toEqual({ count: 1, capacityBytes: 2 });
  });

  test.each([['ovf:/disk/gone'], ['ovf:/file/d'], ['']])(
    'of which one is unknown (%s) have no capacity',
    (resource) => {
      const sections = section(disk('d', 'ovf:capacity="1"'));
      const described = sample({ sections, items: drive(1, 'ovf:/disk/d') + drive(2, resource) });
      expect(described.disks).toEqual({ count: 2, capacityBytes: null });
    },
  );

  test.each([
    [19, 'ovf:/disk/d', ['a disk of a resource of type "19" is not counted: "d"']],
    [15, 'ovf:/disk/d', []],
    [19, 'ovf:/disk/gone', []],
    [19, 'ovf:/file/d', []],
  ])('of a resource that is no drive (%i, %s) do not count, and that is noted', (ResourceType, HostResource, notes) => {
    const sections = section(disk('d', 'ovf:capacity="1"'));
    const described = sample({ sections, items: item({ ResourceType, HostResource }) });
    expect(described).toMatchObject({ disks: { count: 0 }, notes });
  });

  test.each([
    ['file0', []],
    ['a/b', []],
    ['gone', ['a disk is in a file that is not among the references: "gone"']],
  ])('refer to a file by its id or its href (%s), and it is noted if there is none', (fileRef, notes) => {
    const sections = section(disk('d', `ovf:capacity="1" ovf:fileRef="${fileRef}"`));
    expect(sample({ files: [{ href: 'a/b' }], sections }).notes).toEqual(notes);
  });

  test('may have a capacity that a property gives, by its full or its bare key', () => {
    const product = (values: string) =>
      `<ProductSection ovf:class="c" ovf:instance="i"><Property ovf:key="k" ovf:value="3">${values}</Property></ProductSection>`;
    const capacityOf = (key: string, values = '') => {
      const sections =
        options + section(disk('d', `ovf:capacity="\${${key}}" ovf:capacityAllocationUnits="byte * 2^30"`));
      return sample({ sections, inSystem: product(values), items: drive(1, 'ovf:/disk/d') }).disks.capacityBytes;
    };
    expect(capacityOf('k')).toBe(3 * 2 ** 30);
    expect(capacityOf('c.k.i')).toBe(3 * 2 ** 30);
    expect(
      capacityOf('k', '<Value ovf:value="9" ovf:configuration="l"/><Value ovf:value="5" ovf:configuration="s"/>'),
    ).toBe(5 * 2 ** 30);
    expect(capacityOf('other')).toBeNull();
  });

  test('beyond 2^53 keep all their digits', () => {
    const sections = section(disk('d', 'ovf:capacity="9007199254740993"'));
    expect(sample({ sections, items: drive(1, 'ovf:/disk/d') }).disks.capacityBytes).toBe('9007199254740993');
    const files = [{ href: 'a', size: 1 }];
    const text = sampleOvf({ files }).replace('ovf:size="1"', 'ovf:size="18446744073709551616"');
    expect(read(text)).toMatchObject({
      files: [{ size: '18446744073709551616' }],
      downloadBytes: '18446744073709551616',
    });
  });

  test('and network cards of OVF 2 have elements of their own', () => {
    const items = `<StorageItem><rasd:ResourceType>17</rasd:ResourceType></StorageItem>
      <EthernetPortItem><rasd:ResourceType>10</rasd:ResourceType></EthernetPortItem>`;
    expect(sample({ items })).toMatchObject({ disks: { count: 1, capacityBytes: null }, nics: 1 });
  });
});

group('a name', () => {
  test('is that of the top system, else its id', () => {
    expect(sample({ name: 'A &amp; B' }).name).toBe('A & B');
    expect(sample({ name: ' ' }).name).toBe('web');
  });

  test('of a collection is that of the collection, and its systems are summed up', () => {
    const system = (id: string, cpus: number) =>
      `<VirtualSystem ovf:id="${id}"><VirtualHardwareSection>${item({ ResourceType: 3, VirtualQuantity: cpus })}</VirtualHardwareSection></VirtualSystem>`;
    const described = read(
      sampleOvf().replace(
        /<VirtualSystem [\s\S]*<\/VirtualSystem>/,
        `<VirtualSystemCollection ovf:id="c"><Name>All</Name><ProductSection><Product>P</Product></ProductSection>
          ${system('a', 1)}<VirtualSystemCollection ovf:id="d">${system('b', 2)}</VirtualSystemCollection></VirtualSystemCollection>`,
      ),
    );
    expect(described).toMatchObject({
      name: 'All',
      product: 'P',
      cpus: 3,
      systems: [{ id: 'a' }, { id: 'b', cpus: 2 }],
    });
  });

  test.each([
    ['de', 'Netz'],
    ['en-GB', 'Web'],
    ['fr', 'Web'],
    ['', 'Web'],
  ])('that stands among the strings is in the language of the envelope (%s)', (language, name) => {
    const strings = `<Strings xml:lang="de"><Msg ovf:msgid="n">Netz</Msg></Strings>
      <Strings xml:lang="en-US"><Msg ovf:msgid="n">Web</Msg></Strings></Envelope>`;
    const text = sampleOvf()
      .replace('<Name>Web</Name>', '<Name ovf:msgid="n"/>')
      .replace('</Envelope>', strings)
      .replace('<Envelope ', `<Envelope xml:lang="${language}" `);
    expect(read(text).name).toBe(name);
  });
});

group('a product', () => {
  const section = (children: string) => `<ProductSection>${children}</ProductSection>`;
  test.each([
    ['named', section('<Vendor>V</Vendor>') + section('<Product>P</Product>'), { product: 'P', vendor: null }],
    [
      'with a vendor',
      section('<FullVersion>F</FullVersion>') + section('<Vendor>V</Vendor>'),
      { vendor: 'V', fullVersion: null },
    ],
    ['with anything', section('') + section('<FullVersion>F</FullVersion>'), { fullVersion: 'F', product: null }],
  ])('is the first %s', (_, inSystem, product) => {
    expect(sample({ inSystem })).toMatchObject(product);
  });

  test('has properties with the keys that guests see, and never the value of a password', () => {
    expect(read(FULL_OVF).properties).toEqual([
      {
        key: 'com.example.host',
        type: 'string',
        label: 'Host name',
        isUserConfigurable: true,
        isPassword: false,
        defaultValue: 'web',
      },
      {
        key: 'com.example.secret',
        type: 'string',
        label: null,
        isUserConfigurable: false,
        isPassword: true,
        defaultValue: null,
      },
    ]);
  });
});

test.each(['ovf:password="1"', 'ovf:isPassword="true"', 'ovf:type="password"', 'ovf:type="Password(8..)"'])(
  'a password is not shown where it is marked by %s',
  (mark) => {
    const property = `<Property ovf:key="k" ovf:value="hunter2" ${mark}><Value ovf:value="hunter3"/></Property>`;
    const { properties } = sample({ inSystem: `<ProductSection>${property}</ProductSection>` });
    expect(properties).toMatchObject([{ key: 'k', defaultValue: null }]);
  },
);

group('an operating system', () => {
  const os = (attributes: string, children = '') => ({
    inSystem: `<OperatingSystemSection ${attributes}>${children}</OperatingSystemSection>`,
  });

  test.each([
    ['ovf:id="1" vmw:osType="windows9Server64Guest"', '', 'windows'],
    ['ovf:id="94"', '', 'linux'],
    ['ovf:id="1" vmw:osType="darwin19_64Guest"', '', 'macos'],
    ['ovf:id="1" vmw:osType="solaris11_64Guest"', '', 'solaris'],
    ['ovf:id="1" vmw:osType="freebsd12_64Guest"', '', 'bsd'],
    ['ovf:id="1"', '<vbox:OSType>OpenBSD_64</vbox:OSType>', 'bsd'],
    ['ovf:id="1"', '<vbox:OSType>Windows10_64</vbox:OSType>', 'windows'],
    ['ovf:id="1"', '<vbox:OSType>MacOS_64</vbox:OSType>', 'macos'],
    ['ovf:id="79" vmw:osType="otherGuest"', '<Description>IOSv</Description>', 'linux'],
    ['ovf:id="1" vmw:osType="otherGuest"', '<Description>DOS</Description>', 'other'],
    ['ovf:id="67" vmw:osType="ubuntu64Guest"', '', 'linux'],
    ['ovf:id="100" vmw:osType="other5xLinux64Guest"', '', 'linux'],
    ['ovf:id="100" vmw:osType="vmwarePhoton64Guest"', '', 'linux'],
    ['ovf:id="1" vmw:osType="nld9Guest"', '', 'linux'],
    ['ovf:id="1" vmw:osType="oesGuest"', '', 'linux'],
    ['ovf:id="1" vmw:osType="sjdsGuest"', '', 'linux'],
    ['ovf:id="1" vmw:osType="fusionos_64Guest"', '', 'linux'],
    ['ovf:id="1"', '<vbox:OSType>Oracle9_64</vbox:OSType>', 'linux'],
    ['ovf:id="1"', '<Description>Oracle Solaris 11</Description>', 'solaris'],
    ['ovf:id="1"', '<Description>rhcos_x64</Description>', 'linux'],
    ['ovf:id="1"', '<Description>openEuler 22.03</Description>', 'linux'],
    ['ovf:id="1"', '<Description>Unknown architecture</Description>', 'other'],
    ['ovf:id="1"', '<Description>Arch</Description>', 'linux'],
    ['', '', null],
  ])('%s %s is of the family %s', (attributes, children, family) => {
    expect(sample(os(attributes, children)).family).toBe(family);
  });

  test('has nothing to do with what VirtualBox says of its machine', () => {
    const described = sample({
      inSystem: '<vbox:Machine OSType="Linux_64"><Hardware><Network/></Hardware></vbox:Machine>',
    });
    expect(described).toMatchObject({ os: null, nics: 0 });
  });

  test.each(['%iid%', 'rhel_7x64', '123456789'])('whose id is %s has none, and that is noted', (id) => {
    expect(sample(os(`ovf:id="${id}"`))).toMatchObject({
      os: { id: null },
      notes: [`the id of the operating system is no number of CIM's: "${id}"`],
    });
  });
});

group('an attribute', () => {
  test('of another vendor is not that of OVF', () => {
    const text = sampleOvf().replace(
      '<VirtualSystem ovf:id="web">',
      '<VirtualSystem vmw:id="no" xsi:id="no" id="yes">',
    );
    expect(read(text).systems[0]?.id).toBe('yes');
  });

  test('of a namespace that nobody else has is taken', () => {
    const text = sampleOvf().replace('<VirtualSystem ovf:id="web">', '<VirtualSystem x:id="yes" xmlns:x="urn:x">');
    expect(read(text).systems[0]?.id).toBe('yes');
  });
});

group('the namespace of the root', () => {
  test.each([
    ['http://schemas.dmtf.org/ovf/envelope/1', '1.x'],
    ['http://schemas.dmtf.org/ovf/envelope/1/', '1.x'],
    ['http://schemas.dmtf.org/ovf/envelope/2', '2.x'],
    ['http://www.vmware.com/schema/ovf/1/envelope', '0.9'],
    ['urn:x', null],
  ])('%s tells the version %s', (uri, version) => {
    const text = sampleOvf().replaceAll('http://schemas.dmtf.org/ovf/envelope/1', uri);
    expect(read(text)).toMatchObject({ ovfVersion: version, name: 'Web' });
  });
});

test('secure boot is known by either setting, and unknown without', () => {
  const config = (key: string, value: string) => `<vmw:ExtraConfig vmw:key="${key}" vmw:value="${value}"/>`;
  expect(sample({ items: config('uefi.secureBoot.enabled', 'TRUE') }).secureBoot).toBe(true);
  expect(sample({ items: config('bootOptions.efiSecureBootEnabled', 'false') }).secureBoot).toBe(false);
  expect(sample({}).secureBoot).toBeNull();
});

test('hardware is taken apart at blanks and commas, each once', () => {
  const items = '<System><vssd:VirtualSystemType>vmx-10, vmx-11 vmx-10</vssd:VirtualSystemType></System>';
  expect(sample({ items }).hardware).toEqual(['vmx-10', 'vmx-11']);
});

test('any number of odd values is noted in bounds', () => {
  const items = Array.from({ length: 500 }, (_, index) =>
    item({ ResourceType: 3, VirtualQuantity: `no ${index}` }),
  ).join('');
  const { notes } = sample({ items });
  expect(notes).toHaveLength(33);
  expect(notes.at(-1)).toBe('and more like these: 468');
});

test('any number of anything is kept in bounds, yet summed up whole', () => {
  const files = Array.from({ length: 5000 }, (_, index) => ({ href: `${index}`, size: 1 }));
  expect(sample({ files })).toMatchObject({ downloadBytes: 5000, notes: ['of 5000 files the first 2000 are kept'] });
  expect(sample({ files }).files).toHaveLength(2000);
});

group('a text that many name', () => {
  const long = 'x'.repeat(60_000);
  const many = (element: string) => element.repeat(2_000);
  test.each<[string, SampleOptions, string]>([
    [
      'as their label',
      {
        inSystem: `<ProductSection>${many('<Property ovf:key="k"><Label ovf:msgid="m"/></Property>')}</ProductSection>`,
      },
      'of 2000 properties the first 69 are kept',
    ],
    [
      'as their class',
      { inSystem: `<ProductSection ovf:class="${long}">${many('<Property ovf:key="k"/>')}</ProductSection>` },
      'of 2000 properties the first 69 are kept',
    ],
    [
      'as the label of a configuration',
      {
        sections: `<DeploymentOptionSection>${many('<Configuration ovf:id="c"><Label ovf:msgid="m"/></Configuration>')}</DeploymentOptionSection>`,
      },
      'of 2000 configurations the first 69 are kept',
    ],
    [
      'as the name of their system',
      { sections: many('<VirtualSystem><Name ovf:msgid="m"/></VirtualSystem>') },
      'of 2001 systems the first 69 are kept',
    ],
  ])('%s is kept in bounds', (_, options, note) => {
    const strings = `<Strings><Msg ovf:msgid="m">${long}</Msg></Strings></Envelope>`;
    const described = read(sampleOvf({ files: [{ href: 'a' }], ...options }).replace('</Envelope>', strings));
    expect(described).toMatchObject({ notes: [note], files: [{ href: 'a' }] });
    expect(JSON.stringify(described).length).toBeLessThan(5_000_000);
  });
});
