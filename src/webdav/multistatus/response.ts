/** The properties of one resource as text; null if the server has none. */
export interface PropertyTexts {
  /** Whether resourcetype contains `{DAV:}collection`; null without a resourcetype. */
  resourceType: 'collection' | 'other' | null;
  isCollection: string | null;
  contentType: string | null;
  contentLength: string | null;
  lastModified: string | null;
  etag: string | null;
  /** ownCloud's `permissions` and `fileid`; also null if they were not asked for. */
  permissions: string | null;
  fileId: string | null;
  /** ownCloud's `data-fingerprint` and Nextcloud's `mount-type`, both of which may be empty texts. */
  fingerprint: string | null;
  mountType: string | null;
}

export type TextProperty = Exclude<keyof PropertyTexts, 'resourceType'>;

/** One href of a `response` element (RFC 4918 14.24). The object is reused for the next one, so copy what you keep. */
export interface MultistatusResponse extends PropertyTexts {
  href: string;
  /** The response's own status, or null; 0 for an invalid one. */
  status: number | null;
  /** The status of the first propstat that failed, or null. */
  failedStatus: number | null;
  /** How many properties came with a 2xx status, including unknown ones. */
  propertyCount: number;
}

/** Assembles one response from its elements, in whatever order they arrive. */
export interface ResponseAssembly {
  begin(): void;
  addHref(text: string): void;
  setStatus(line: string): void;
  beginPropstat(): void;
  setPropstatStatus(line: string): void;
  /** Counts a property of any kind; its value, if wanted, comes separately. */
  countProperty(): void;
  setResourceType(type: 'collection' | 'other'): void;
  setText(property: TextProperty, text: string): void;
  endPropstat(): void;
  /** Passes on the response once for each of its hrefs, usually one; returns how many there were. */
  end(emit: (response: MultistatusResponse) => void): number;
}

export function createResponseAssembly(): ResponseAssembly {
  const response = emptyResponse();
  const staged = emptyResponse();
  let stagedCount = 0;
  let stagedStatus: number | null = null;
  let hrefs: string[] = [];

  return {
    begin() {
      clear(response);
      response.status = null;
      response.failedStatus = null;
      response.propertyCount = 0;
      hrefs = [];
    },
    addHref(text) {
      hrefs.push(trimHref(text));
    },
    setStatus(line) {
      response.status = statusCode(line);
    },
    beginPropstat() {
      clear(staged);
      stagedCount = 0;
      stagedStatus = null;
    },
    setPropstatStatus(line) {
      stagedStatus = statusCode(line);
    },
    countProperty() {
      stagedCount++;
    },
    setResourceType(type) {
      staged.resourceType = type;
    },
    setText(property, text) {
      staged[property] = text;
    },
    endPropstat() {
      // Only a 2xx propstat carries values (RFC 4918 14.22), and its status may follow them. One without any status
      // counts as success, as in rclone.
      if (stagedStatus !== null && !isSuccess(stagedStatus)) {
        response.failedStatus ??= stagedStatus;
        return;
      }
      response.propertyCount += stagedCount;
      response.resourceType ??= staged.resourceType;
      response.isCollection ??= staged.isCollection;
      response.contentType ??= staged.contentType;
      response.contentLength ??= staged.contentLength;
      response.lastModified ??= staged.lastModified;
      response.etag ??= staged.etag;
      response.permissions ??= staged.permissions;
      response.fileId ??= staged.fileId;
      response.fingerprint ??= staged.fingerprint;
      response.mountType ??= staged.mountType;
    },
    end(emit) {
      for (const href of hrefs) {
        response.href = href;
        emit(response);
      }
      return hrefs.length;
    },
  };
}

/** Creates responses of one shape: the engine is slow with objects made by spreading. */
export function emptyResponse(): MultistatusResponse {
  return {
    resourceType: null,
    isCollection: null,
    contentType: null,
    contentLength: null,
    lastModified: null,
    etag: null,
    permissions: null,
    fileId: null,
    fingerprint: null,
    mountType: null,
    href: '',
    status: null,
    failedStatus: null,
    propertyCount: 0,
  };
}

/** Clears properties one by one: this runs for every member of every collection, and Object.assign is many times slower. */
function clear(properties: PropertyTexts): void {
  properties.resourceType = null;
  properties.isCollection = null;
  properties.contentType = null;
  properties.contentLength = null;
  properties.lastModified = null;
  properties.etag = null;
  properties.permissions = null;
  properties.fileId = null;
  properties.fingerprint = null;
  properties.mountType = null;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Parses `HTTP/1.1 200 OK`, of any version, with or without a reason; 0 if it is invalid. */
function statusCode(line: string): number {
  if (line === 'HTTP/1.1 200 OK') return 200;
  return Number(/^\s*(?:HTTP\/[\d.]+\s+)?(\d{3})(?!\d)/i.exec(line)?.[1] ?? 0);
}

/** Trims the white space of a pretty-printed document; a space at the end without a line break belongs to the name. */
export function trimHref(href: string): string {
  const end = href.charCodeAt(href.length - 1);
  if (href.charCodeAt(0) > 0x20 && end > 0x20) return href;
  return href.replace(/^\s+/, '').replace(/\s*[\r\n]\s*$/, '');
}
