/**
 * What the v2 API answers, as far as it is used here. Fields that the vendor leaves out at times are
 * optional. Source: https://docs.digitalocean.com/reference/api/digitalocean/
 */

/** How to reach a database server or pool. Password and URI are secrets. */
export interface Connection {
  readonly uri?: string;
  readonly database?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string | null;
  readonly password?: string;
  readonly ssl?: boolean;
}

/** A managed database cluster. */
export interface Database {
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  readonly version: string;
  readonly num_nodes: number;
  readonly size: string;
  readonly region: string;
  /** `creating`, `online`, `resizing`, `migrating`, `forking`. */
  readonly status: string;
  readonly created_at: string;
  readonly private_network_uuid?: string;
  readonly project_id?: string;
  readonly storage_size_mib?: number;
  readonly tags?: readonly string[] | null;
  readonly maintenance_window?: { readonly day: string; readonly hour: string } | null;
  readonly connection?: Connection;
  readonly private_connection?: Connection;
  readonly ui_connection?: Connection | null;
  readonly metrics_endpoints?: readonly { readonly host: string; readonly port: number }[] | null;
}

/** A login of a cluster. */
export interface DatabaseUser {
  readonly name: string;
  readonly role?: string;
  readonly password?: string;
  readonly access_cert?: string;
  readonly access_key?: string;
  readonly mysql_settings?: { readonly auth_plugin: string };
}

/** A connection pool in front of a PostgreSQL cluster. */
export interface DatabasePool {
  readonly name: string;
  readonly mode: string;
  readonly size: number;
  readonly db: string;
  readonly user?: string | null;
  readonly connection?: Connection;
  readonly private_connection?: Connection;
}

/** A trusted source of a cluster. */
export interface DatabaseFirewallRule {
  readonly uuid?: string;
  readonly cluster_uuid?: string;
  readonly type: string;
  readonly value: string;
  readonly created_at?: string;
}

/** A private network. */
export interface Vpc {
  readonly id: string;
  readonly urn: string;
  readonly name: string;
  readonly description?: string;
  readonly region: string;
  readonly ip_range: string;
  readonly default: boolean;
  readonly created_at: string;
}

/** A project. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly purpose: string;
  readonly environment?: string;
  readonly is_default: boolean;
  readonly owner_id?: number;
  readonly owner_uuid?: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** An access key of Spaces; the secret is told with its creation only. */
export interface SpacesKey {
  readonly name: string;
  readonly access_key: string;
  readonly secret_key?: string;
  readonly grants?: readonly { readonly bucket: string; readonly permission: string }[] | null;
  readonly created_at: string;
}

interface Address {
  readonly ip_address: string;
  readonly type: string;
}

/** A virtual machine. */
export interface Droplet {
  readonly id: number;
  readonly name: string;
  /** `new`, `active`, `off`, `archive`. */
  readonly status: string;
  readonly created_at: string;
  readonly locked: boolean;
  readonly memory: number;
  readonly vcpus: number;
  readonly disk: number;
  readonly region: { readonly slug: string };
  readonly image: { readonly id: number; readonly slug?: string | null };
  readonly size?: { readonly price_hourly: number; readonly price_monthly: number };
  readonly size_slug: string;
  readonly features?: readonly string[];
  readonly networks: { readonly v4?: readonly Address[]; readonly v6?: readonly Address[] };
  readonly volume_ids?: readonly string[];
  readonly tags?: readonly string[];
  readonly vpc_uuid?: string;
}

/** What goes on at a droplet, volume or address. */
export interface Action {
  readonly id: number;
  /** `in-progress`, `completed`, `errored`. */
  readonly status: string;
  readonly type: string;
}

/** A block storage volume. */
export interface Volume {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly region: { readonly slug: string };
  readonly size_gigabytes: number;
  readonly droplet_ids?: readonly number[] | null;
  readonly filesystem_type?: string;
  readonly filesystem_label?: string;
  readonly tags?: readonly string[] | null;
  readonly created_at: string;
}

/** One end of a cloud firewall's rule. */
export interface FirewallPeers {
  readonly addresses?: readonly string[];
  readonly droplet_ids?: readonly number[];
  readonly load_balancer_uids?: readonly string[];
  readonly kubernetes_ids?: readonly string[];
  readonly tags?: readonly string[];
}

/** A rule of a cloud firewall; ports `0` mean all. */
export interface FirewallRule {
  readonly protocol: string;
  readonly ports?: string;
  readonly sources?: FirewallPeers;
  readonly destinations?: FirewallPeers;
}

/** A cloud firewall. */
export interface Firewall {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly created_at: string;
  readonly pending_changes?: readonly {
    readonly droplet_id?: number;
    readonly removing?: boolean;
    readonly status?: string;
  }[];
  readonly inbound_rules?: readonly FirewallRule[] | null;
  readonly outbound_rules?: readonly FirewallRule[] | null;
  readonly droplet_ids?: readonly number[] | null;
  readonly tags?: readonly string[] | null;
}

/** A reserved IPv4 address. */
export interface ReservedIp {
  readonly ip: string;
  readonly region: { readonly slug: string };
  readonly droplet?: { readonly id: number } | null;
  readonly locked?: boolean;
}

/** A public SSH key. */
export interface SshKey {
  readonly id: number;
  readonly name: string;
  readonly public_key: string;
  readonly fingerprint: string;
}

/** A tag with what carries it. */
export interface Tag {
  readonly name: string;
  readonly resources?: { readonly count?: number } & {
    readonly [kind: string]: { readonly count?: number } | number | string | undefined;
  };
}
