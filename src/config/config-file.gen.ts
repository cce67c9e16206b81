// Generated from schemas/config.schema.json by packaging/scripts/generate-types.mjs. Do not edit; run `npm run generate`.

export type Path = string;
/**
 * Checksums to compute while the image is written.
 *
 * @minItems 1
 * @maxItems 5
 */
export type Checksums = ('md5' | 'sha1' | 'sha256' | 'sha512' | 'blake2b512')[];
export type Media = 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
export type Glob = string;
export type Name = string;
/**
 * Checksums to compute while the image is written.
 *
 * @minItems 1
 * @maxItems 5
 */
export type Checksums1 = ('md5' | 'sha1' | 'sha256' | 'sha512' | 'blake2b512')[];
export type Title = string;
export type Address = string;

/**
 * The configuration of a disk2iso station. Relative paths count from the folder of the main configuration file.
 */
export interface ConfigFile {
  /**
   * Version of this format.
   */
  apiVersion: 'disk2iso/v1';
  /**
   * Folder, or list of folders, whose *.yaml files are read as well, in the order of their names. Maps are merged, lists are appended in that order, and a value that two files set is an error. Only the main file may include.
   */
  include: Path | Path[];
  /**
   * Pause the whole station: reading and running jobs go on, nothing new is begun.
   */
  suspend: boolean;
  /**
   * Where images and records are kept.
   */
  storage: {
    /**
     * Folder of the finished images.
     */
    library: string;
    /**
     * Folder of the catalog and the socket. Not inside the library, nor the other way round.
     */
    state: string;
    /**
     * Share of the library's filesystem in use at which a warning is given.
     */
    warn_at: string;
    /**
     * Share in use at which no new job starts and a running one pauses until there is space again.
     */
    stop_at: string;
  };
  /**
   * How a disc is imaged where no rule says otherwise.
   */
  defaults: {
    /**
     * How often a sector is tried before it counts as bad.
     */
    read_attempts: number;
    /**
     * Bytes per sector; 2048 for every data disc.
     */
    sector_size: 512 | 1024 | 2048 | 4096;
    /**
     * Read the finished image again from storage and compare its checksums.
     */
    verify: boolean;
    checksums: Checksums;
    /**
     * When the disc is given back.
     */
    eject: 'always' | 'on_success' | 'never';
    /**
     * Place of the job in the queue.
     */
    priority: 'low' | 'normal' | 'high';
    /**
     * Where the image goes, below the library and without .iso.
     */
    path: string;
  };
  /**
   * The drives to watch. A drive that is declared but absent is shown as such and is no error.
   *
   * @maxItems 64
   */
  drives: DriveEntry[];
  /**
   * Tried in order; the first whose match fits decides. A disc that no rule fits is imaged with the defaults.
   *
   * @maxItems 1000
   */
  rules: RuleEntry[];
  fixity?: FixityEntry;
  /**
   * How long images are kept; the first entry that fits an image decides. The best image of a disc is kept unless deletes says discs; a pinned one and one that is at work are kept whatever is said here.
   *
   * @maxItems 100
   */
  retention: RetentionEntry[];
  /**
   * Where images go that are kept no longer, before they are deleted.
   */
  trash: {
    /**
     * Time an image lies in the trash, from where it can be restored. One that the file would keep again stays there.
     */
    keep: string;
    /**
     * Number of images that a changed configuration may make due for deletion at once; more wait for disk2iso approve.
     */
    approve_above: number;
  };
  /**
   * The catalog's list of what happened.
   */
  events: {
    /**
     * Age up to which events are kept, and jobs that failed or were cancelled; without it the latest 50000 events, and every job. A job that made an image stays as long as the image.
     */
    keep_for?: string;
  };
  /**
   * People who may use the station.
   *
   * @maxItems 1000
   */
  users: UserEntry[];
  /**
   * Who is told what.
   */
  notifications: {
    /**
     * Where messages go. Each is kept until delivered, over restarts too.
     *
     * @maxItems 50
     */
    targets: TargetEntry[];
  };
  /**
   * Status page and HTTP interface.
   */
  api: {
    /**
     * Loopback address and port; false for the unix socket alone. Port 0 takes a free one.
     */
    listen: string | false | null;
    /**
     * Path of the unix socket; disk2iso.sock in the state folder where it is not given.
     */
    socket?: string;
    /**
     * Host names under which a reverse proxy on this machine may ask, besides the loopback names.
     *
     * @maxItems 50
     */
    allowed_hosts: string[];
  };
}
/**
 * One drive; exactly one of device, udev_id and folder says which.
 */
export interface DriveEntry {
  /**
   * Name of the drive, for rules and on the status page.
   */
  name: string;
  /**
   * Device file of an optical drive. The wildcards * ? [0-3] stand for several.
   */
  device?: string;
  /**
   * Optical drive by udev's ID_SERIAL, ID_SERIAL_SHORT, ID_WWN or ID_PATH, wherever it is plugged in.
   */
  udev_id?: string;
  /**
   * Folder in which each complete image file counts as an inserted disc. Eject moves it to a folder named done beside it.
   */
  folder?: string;
  /**
   * Begin nothing new from this drive.
   */
  suspend: boolean;
}
/**
 * One rule. Settings that it does not name come from the defaults.
 */
export interface RuleEntry {
  /**
   * Name of the rule, for messages and the manifest.
   */
  name: string;
  /**
   * Every line given here must fit. Without any, each disc does.
   */
  match: {
    /**
     * Kind of disc, or a list of kinds. Files in a folder drive are of the kind image.
     */
    media?: Media | Media[];
    /**
     * Volume label, or a list of them; * stands for any text, ? for one character, [ab] for one of these. Upper and lower case count the same.
     */
    label?: Glob | Glob[];
    /**
     * Name of a drive, or a list of names.
     */
    drive?: Name | Name[];
    /**
     * The disc holds at least this much.
     */
    min_size?: string;
    /**
     * The disc holds at most this much.
     */
    max_size?: string;
  };
  /**
   * Whether such discs are imaged or left alone.
   */
  action: 'image' | 'ignore';
  /**
   * What to do with a disc that is archived already and complete.
   */
  on_duplicate: 'skip' | 'image';
  /**
   * Begin nothing new under this rule.
   */
  suspend: boolean;
  /**
   * How often a sector is tried before it counts as bad.
   */
  read_attempts?: number;
  /**
   * Read the finished image again from storage and compare its checksums.
   */
  verify?: boolean;
  checksums?: Checksums1;
  /**
   * When the disc is given back.
   */
  eject?: 'always' | 'on_success' | 'never';
  /**
   * Place of the job in the queue.
   */
  priority?: 'low' | 'normal' | 'high';
  /**
   * Where the image goes, below the library and without .iso.
   */
  path?: string;
}
/**
 * Reading images again from the disk and comparing them with their checksums. Without this section it is done only when somebody asks.
 */
export interface FixityEntry {
  /**
   * Time within which each image is read again; the readings are spread evenly over it.
   */
  reverify_every: string;
  /**
   * Most bytes read in a second; as fast as the disk is where it is not given.
   */
  throttle?: string;
  /**
   * Load of the machine, averaged over a minute, above which no image is read again.
   */
  pause_above_load?: number;
}
/**
 * One kind of image and how long it is kept. Each keep_ line is a reason to keep an image; without any it is kept for ever.
 */
export interface RetentionEntry {
  /**
   * Name of the entry, for messages.
   */
  name: string;
  /**
   * Every line given here must fit; {} is each image. It is required, so that a file that is half written does not speak of all of them.
   */
  match: {
    /**
     * Kinds of disc.
     *
     * @minItems 1
     * @maxItems 5
     */
    media?: Media[];
    /**
     * Volume label, with * ? [ab] as in rules.
     */
    label?: string;
    /**
     * How the imaging ended.
     *
     * @minItems 1
     * @maxItems 5
     */
    verdict?: ('complete' | 'complete_with_tail' | 'damaged' | 'protected' | 'unreadable')[];
    /**
     * Tags a person has given the image; one of them is enough.
     */
    tag?: Title | Title[];
    /**
     * Rules by which images were made.
     */
    rule?: Title | Title[];
    /**
     * Drives that read the disc.
     */
    drive?: Name | Name[];
    /**
     * Age from which this entry applies.
     */
    min_age?: string;
  };
  /**
   * Age up to which images are kept.
   */
  keep_for?: string;
  /**
   * Number of newest images that are kept.
   */
  keep_last?: number;
  /**
   * Images are kept while this much of the library's filesystem is free, what lies in the trash counted as free; the oldest go first.
   */
  keep_until_free?: string;
  /**
   * What may go. copies: an image of whose disc a better one stays. discs: the only image of a disc goes too, but never the newest good one of those this entry decides.
   */
  deletes: 'copies' | 'discs';
}
/**
 * One person.
 */
export interface UserEntry {
  /**
   * Name to log in with.
   */
  name: string;
  /**
   * viewer sees everything, operator also controls jobs and drives, admin may do all.
   */
  role: 'admin' | 'operator' | 'viewer';
}
/**
 * One receiver; exactly one of email and webhook.
 */
export interface TargetEntry {
  /**
   * Name of the target, for messages.
   */
  name: string;
  /**
   * What it is told of. All of it where this is not given.
   *
   * @maxItems 7
   */
  on: (
    | 'job_completed'
    | 'job_damaged'
    | 'job_failed'
    | 'storage_warning'
    | 'archive_corrupt'
    | 'approval_needed'
    | 'config_rejected'
  )[];
  /**
   * Send an e-mail.
   */
  email?: {
    /**
     * Address, or list of addresses.
     */
    to: Address | Address[];
    /**
     * Sender's address.
     */
    from: string;
    /**
     * The mail server that takes the message.
     */
    smtp: {
      /**
       * Name or address of the server.
       */
      host: string;
      /**
       * Port; 465 for tls, 587 for starttls and 25 for none where it is not given.
       */
      port?: number;
      /**
       * tls from the first byte, starttls, or none.
       */
      security: 'tls' | 'starttls' | 'none';
      /**
       * Name to log in with.
       */
      user?: string;
      /**
       * File with the password, or credential:NAME for a systemd credential.
       */
      password_file?: string;
    };
  };
  /**
   * Send an HTTP POST with the event as JSON.
   */
  webhook?: {
    /**
     * Address to post to.
     */
    url?: string;
    /**
     * File with the address, where the address itself is a secret; or credential:NAME.
     */
    url_file?: string;
    /**
     * File with the key that signs each message (HMAC-SHA256), or credential:NAME. Unsigned without it.
     */
    secret_file?: string;
  };
}

export const configSchema: object = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "ConfigFile",
  "description": "The configuration of a disk2iso station. Relative paths count from the folder of the main configuration file.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "apiVersion",
    "storage"
  ],
  "properties": {
    "apiVersion": {
      "description": "Version of this format.",
      "const": "disk2iso/v1"
    },
    "include": {
      "description": "Folder, or list of folders, whose *.yaml files are read as well, in the order of their names. Maps are merged, lists are appended in that order, and a value that two files set is an error. Only the main file may include.",
      "x-expected": "a folder such as conf.d, or a list of folders",
      "anyOf": [
        {
          "$ref": "#/$defs/path"
        },
        {
          "type": "array",
          "maxItems": 10,
          "uniqueItems": true,
          "items": {
            "$ref": "#/$defs/path"
          }
        }
      ],
      "default": []
    },
    "suspend": {
      "description": "Pause the whole station: reading and running jobs go on, nothing new is begun.",
      "type": "boolean",
      "default": false
    },
    "storage": {
      "description": "Where images and records are kept.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "library",
        "state"
      ],
      "properties": {
        "library": {
          "description": "Folder of the finished images.",
          "$ref": "#/$defs/path"
        },
        "state": {
          "description": "Folder of the catalog and the socket. Not inside the library, nor the other way round.",
          "$ref": "#/$defs/path"
        },
        "warn_at": {
          "description": "Share of the library's filesystem in use at which a warning is given.",
          "$ref": "#/$defs/percent",
          "default": "90%"
        },
        "stop_at": {
          "description": "Share in use at which no new job starts and a running one pauses until there is space again.",
          "$ref": "#/$defs/percent",
          "default": "95%"
        }
      }
    },
    "defaults": {
      "description": "How a disc is imaged where no rule says otherwise.",
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "properties": {
        "read_attempts": {
          "description": "How often a sector is tried before it counts as bad.",
          "$ref": "#/$defs/readAttempts",
          "default": 5
        },
        "sector_size": {
          "description": "Bytes per sector; 2048 for every data disc.",
          "enum": [
            512,
            1024,
            2048,
            4096
          ],
          "default": 2048
        },
        "verify": {
          "description": "Read the finished image again from storage and compare its checksums.",
          "type": "boolean",
          "default": true
        },
        "checksums": {
          "description": "Checksums to compute while the image is written.",
          "$ref": "#/$defs/checksums",
          "default": [
            "md5",
            "sha256"
          ]
        },
        "eject": {
          "description": "When the disc is given back.",
          "$ref": "#/$defs/eject",
          "default": "on_success"
        },
        "priority": {
          "description": "Place of the job in the queue.",
          "$ref": "#/$defs/priority",
          "default": "normal"
        },
        "path": {
          "description": "Where the image goes, below the library and without .iso.",
          "$ref": "#/$defs/template",
          "default": "{media}/{label}"
        }
      }
    },
    "drives": {
      "description": "The drives to watch. A drive that is declared but absent is shown as such and is no error.",
      "type": "array",
      "maxItems": 64,
      "default": [],
      "items": {
        "title": "DriveEntry",
        "description": "One drive; exactly one of device, udev_id and folder says which.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "name"
        ],
        "oneOf": [
          {
            "required": [
              "device"
            ]
          },
          {
            "required": [
              "udev_id"
            ]
          },
          {
            "required": [
              "folder"
            ]
          }
        ],
        "properties": {
          "name": {
            "description": "Name of the drive, for rules and on the status page.",
            "$ref": "#/$defs/name"
          },
          "device": {
            "description": "Device file of an optical drive. The wildcards * ? [0-3] stand for several.",
            "x-expected": "an absolute path such as /dev/sr0 or /dev/sr*",
            "type": "string",
            "maxLength": 4096,
            "pattern": "^/."
          },
          "udev_id": {
            "description": "Optical drive by udev's ID_SERIAL, ID_SERIAL_SHORT, ID_WWN or ID_PATH, wherever it is plugged in.",
            "type": "string",
            "minLength": 1,
            "maxLength": 256
          },
          "folder": {
            "description": "Folder in which each complete image file counts as an inserted disc. Eject moves it to a folder named done beside it.",
            "$ref": "#/$defs/path"
          },
          "suspend": {
            "description": "Begin nothing new from this drive.",
            "type": "boolean",
            "default": false
          }
        }
      }
    },
    "rules": {
      "description": "Tried in order; the first whose match fits decides. A disc that no rule fits is imaged with the defaults.",
      "type": "array",
      "maxItems": 1000,
      "default": [],
      "items": {
        "title": "RuleEntry",
        "description": "One rule. Settings that it does not name come from the defaults.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "name"
        ],
        "properties": {
          "name": {
            "description": "Name of the rule, for messages and the manifest.",
            "$ref": "#/$defs/title"
          },
          "match": {
            "description": "Every line given here must fit. Without any, each disc does.",
            "type": "object",
            "additionalProperties": false,
            "default": {},
            "properties": {
              "media": {
                "description": "Kind of disc, or a list of kinds. Files in a folder drive are of the kind image.",
                "x-expected": "cd, dvd, bd, image or unknown, or a list of these",
                "anyOf": [
                  {
                    "$ref": "#/$defs/media"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 5,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/media"
                    }
                  }
                ]
              },
              "label": {
                "description": "Volume label, or a list of them; * stands for any text, ? for one character, [ab] for one of these. Upper and lower case count the same.",
                "x-expected": "text such as HOLIDAY*, or a list of such texts",
                "anyOf": [
                  {
                    "$ref": "#/$defs/glob"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/glob"
                    }
                  }
                ]
              },
              "drive": {
                "description": "Name of a drive, or a list of names.",
                "x-expected": "the name of a drive, or a list of names",
                "anyOf": [
                  {
                    "$ref": "#/$defs/name"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 64,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/name"
                    }
                  }
                ]
              },
              "min_size": {
                "description": "The disc holds at least this much.",
                "$ref": "#/$defs/size"
              },
              "max_size": {
                "description": "The disc holds at most this much.",
                "$ref": "#/$defs/size"
              }
            }
          },
          "action": {
            "description": "Whether such discs are imaged or left alone.",
            "enum": [
              "image",
              "ignore"
            ],
            "default": "image"
          },
          "on_duplicate": {
            "description": "What to do with a disc that is archived already and complete.",
            "enum": [
              "skip",
              "image"
            ],
            "default": "skip"
          },
          "suspend": {
            "description": "Begin nothing new under this rule.",
            "type": "boolean",
            "default": false
          },
          "read_attempts": {
            "description": "How often a sector is tried before it counts as bad.",
            "$ref": "#/$defs/readAttempts"
          },
          "verify": {
            "description": "Read the finished image again from storage and compare its checksums.",
            "type": "boolean"
          },
          "checksums": {
            "description": "Checksums to compute while the image is written.",
            "$ref": "#/$defs/checksums"
          },
          "eject": {
            "description": "When the disc is given back.",
            "$ref": "#/$defs/eject"
          },
          "priority": {
            "description": "Place of the job in the queue.",
            "$ref": "#/$defs/priority"
          },
          "path": {
            "description": "Where the image goes, below the library and without .iso.",
            "$ref": "#/$defs/template"
          }
        }
      }
    },
    "fixity": {
      "title": "FixityEntry",
      "description": "Reading images again from the disk and comparing them with their checksums. Without this section it is done only when somebody asks.",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "reverify_every"
      ],
      "properties": {
        "reverify_every": {
          "description": "Time within which each image is read again; the readings are spread evenly over it.",
          "$ref": "#/$defs/duration"
        },
        "throttle": {
          "description": "Most bytes read in a second; as fast as the disk is where it is not given.",
          "x-expected": "a rate such as 50MB/s",
          "type": "string",
          "pattern": "^[0-9]{1,9}(\\.[0-9]{1,6})? ?(B|[kKMGT]B|[KMGT]iB)/s$"
        },
        "pause_above_load": {
          "description": "Load of the machine, averaged over a minute, above which no image is read again.",
          "type": "number",
          "exclusiveMinimum": 0,
          "maximum": 10000
        }
      }
    },
    "retention": {
      "description": "How long images are kept; the first entry that fits an image decides. The best image of a disc is kept unless deletes says discs; a pinned one and one that is at work are kept whatever is said here.",
      "type": "array",
      "maxItems": 100,
      "default": [],
      "items": {
        "title": "RetentionEntry",
        "description": "One kind of image and how long it is kept. Each keep_ line is a reason to keep an image; without any it is kept for ever.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "name",
          "match"
        ],
        "properties": {
          "name": {
            "description": "Name of the entry, for messages.",
            "$ref": "#/$defs/title"
          },
          "match": {
            "description": "Every line given here must fit; {} is each image. It is required, so that a file that is half written does not speak of all of them.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "media": {
                "description": "Kinds of disc.",
                "type": "array",
                "minItems": 1,
                "maxItems": 5,
                "uniqueItems": true,
                "items": {
                  "$ref": "#/$defs/media"
                }
              },
              "label": {
                "description": "Volume label, with * ? [ab] as in rules.",
                "$ref": "#/$defs/glob"
              },
              "verdict": {
                "description": "How the imaging ended.",
                "type": "array",
                "minItems": 1,
                "maxItems": 5,
                "uniqueItems": true,
                "items": {
                  "type": "string",
                  "enum": [
                    "complete",
                    "complete_with_tail",
                    "damaged",
                    "protected",
                    "unreadable"
                  ]
                }
              },
              "tag": {
                "description": "Tags a person has given the image; one of them is enough.",
                "x-expected": "a tag, or a list of tags",
                "anyOf": [
                  {
                    "$ref": "#/$defs/title"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/title"
                    }
                  }
                ]
              },
              "rule": {
                "description": "Rules by which images were made.",
                "x-expected": "the name of a rule, or a list of names",
                "anyOf": [
                  {
                    "$ref": "#/$defs/title"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/title"
                    }
                  }
                ]
              },
              "drive": {
                "description": "Drives that read the disc.",
                "x-expected": "the name of a drive, or a list of names",
                "anyOf": [
                  {
                    "$ref": "#/$defs/name"
                  },
                  {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 100,
                    "uniqueItems": true,
                    "items": {
                      "$ref": "#/$defs/name"
                    }
                  }
                ]
              },
              "min_age": {
                "description": "Age from which this entry applies.",
                "$ref": "#/$defs/duration"
              }
            }
          },
          "keep_for": {
            "description": "Age up to which images are kept.",
            "$ref": "#/$defs/duration"
          },
          "keep_last": {
            "description": "Number of newest images that are kept.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000
          },
          "keep_until_free": {
            "description": "Images are kept while this much of the library's filesystem is free, what lies in the trash counted as free; the oldest go first.",
            "x-expected": "a share such as \"20%\" or a size such as 500GB",
            "type": "string",
            "pattern": "^[0-9]{1,9}(\\.[0-9]{1,6})? ?(%|B|[kKMGT]B|[KMGT]iB)$"
          },
          "deletes": {
            "description": "What may go. copies: an image of whose disc a better one stays. discs: the only image of a disc goes too, but never the newest good one of those this entry decides.",
            "type": "string",
            "enum": [
              "copies",
              "discs"
            ],
            "default": "copies"
          }
        }
      }
    },
    "trash": {
      "description": "Where images go that are kept no longer, before they are deleted.",
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "properties": {
        "keep": {
          "description": "Time an image lies in the trash, from where it can be restored. One that the file would keep again stays there.",
          "$ref": "#/$defs/duration",
          "default": "7d"
        },
        "approve_above": {
          "description": "Number of images that a changed configuration may make due for deletion at once; more wait for disk2iso approve.",
          "type": "integer",
          "minimum": 0,
          "maximum": 1000000,
          "default": 10
        }
      }
    },
    "events": {
      "description": "The catalog's list of what happened.",
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "properties": {
        "keep_for": {
          "description": "Age up to which events are kept, and jobs that failed or were cancelled; without it the latest 50000 events, and every job. A job that made an image stays as long as the image.",
          "$ref": "#/$defs/duration"
        }
      }
    },
    "users": {
      "description": "People who may use the station.",
      "type": "array",
      "maxItems": 1000,
      "default": [],
      "items": {
        "title": "UserEntry",
        "description": "One person.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "name",
          "role"
        ],
        "properties": {
          "name": {
            "description": "Name to log in with.",
            "$ref": "#/$defs/name"
          },
          "role": {
            "description": "viewer sees everything, operator also controls jobs and drives, admin may do all.",
            "enum": [
              "admin",
              "operator",
              "viewer"
            ]
          }
        }
      }
    },
    "notifications": {
      "description": "Who is told what.",
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "properties": {
        "targets": {
          "description": "Where messages go. Each is kept until delivered, over restarts too.",
          "type": "array",
          "maxItems": 50,
          "default": [],
          "items": {
            "title": "TargetEntry",
            "description": "One receiver; exactly one of email and webhook.",
            "type": "object",
            "additionalProperties": false,
            "required": [
              "name"
            ],
            "oneOf": [
              {
                "required": [
                  "email"
                ]
              },
              {
                "required": [
                  "webhook"
                ]
              }
            ],
            "properties": {
              "name": {
                "description": "Name of the target, for messages.",
                "$ref": "#/$defs/name"
              },
              "on": {
                "description": "What it is told of. All of it where this is not given.",
                "type": "array",
                "uniqueItems": true,
                "maxItems": 7,
                "items": {
                  "type": "string",
                  "enum": [
                    "job_completed",
                    "job_damaged",
                    "job_failed",
                    "storage_warning",
                    "archive_corrupt",
                    "approval_needed",
                    "config_rejected"
                  ]
                },
                "default": [
                  "job_completed",
                  "job_damaged",
                  "job_failed",
                  "storage_warning",
                  "archive_corrupt",
                  "approval_needed",
                  "config_rejected"
                ]
              },
              "email": {
                "description": "Send an e-mail.",
                "type": "object",
                "additionalProperties": false,
                "required": [
                  "to",
                  "from",
                  "smtp"
                ],
                "properties": {
                  "to": {
                    "description": "Address, or list of addresses.",
                    "x-expected": "an address such as me@example.org, or a list of addresses",
                    "anyOf": [
                      {
                        "$ref": "#/$defs/address"
                      },
                      {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 50,
                        "items": {
                          "$ref": "#/$defs/address"
                        }
                      }
                    ]
                  },
                  "from": {
                    "description": "Sender's address.",
                    "$ref": "#/$defs/address"
                  },
                  "smtp": {
                    "description": "The mail server that takes the message.",
                    "type": "object",
                    "additionalProperties": false,
                    "required": [
                      "host"
                    ],
                    "dependentRequired": {
                      "user": [
                        "password_file"
                      ],
                      "password_file": [
                        "user"
                      ]
                    },
                    "properties": {
                      "host": {
                        "description": "Name or address of the server.",
                        "x-expected": "a host name such as smtp.example.org",
                        "type": "string",
                        "maxLength": 253,
                        "pattern": "^[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?$|^[0-9a-fA-F:]+$"
                      },
                      "port": {
                        "description": "Port; 465 for tls, 587 for starttls and 25 for none where it is not given.",
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 65535
                      },
                      "security": {
                        "description": "tls from the first byte, starttls, or none.",
                        "enum": [
                          "tls",
                          "starttls",
                          "none"
                        ],
                        "default": "starttls"
                      },
                      "user": {
                        "description": "Name to log in with.",
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256
                      },
                      "password_file": {
                        "description": "File with the password, or credential:NAME for a systemd credential.",
                        "$ref": "#/$defs/secretFile"
                      }
                    }
                  }
                }
              },
              "webhook": {
                "description": "Send an HTTP POST with the event as JSON.",
                "type": "object",
                "additionalProperties": false,
                "oneOf": [
                  {
                    "required": [
                      "url"
                    ]
                  },
                  {
                    "required": [
                      "url_file"
                    ]
                  }
                ],
                "properties": {
                  "url": {
                    "description": "Address to post to.",
                    "x-expected": "an address such as https://example.org/hook",
                    "type": "string",
                    "maxLength": 2048,
                    "pattern": "^https?://[^\\s/]+"
                  },
                  "url_file": {
                    "description": "File with the address, where the address itself is a secret; or credential:NAME.",
                    "$ref": "#/$defs/secretFile"
                  },
                  "secret_file": {
                    "description": "File with the key that signs each message (HMAC-SHA256), or credential:NAME. Unsigned without it.",
                    "$ref": "#/$defs/secretFile"
                  }
                }
              }
            }
          }
        }
      }
    },
    "api": {
      "description": "Status page and HTTP interface.",
      "type": "object",
      "additionalProperties": false,
      "default": {},
      "properties": {
        "listen": {
          "description": "Loopback address and port; false for the unix socket alone. Port 0 takes a free one.",
          "x-expected": "a loopback address and port such as 127.0.0.1:8980, or false",
          "anyOf": [
            {
              "type": "string",
              "maxLength": 64,
              "pattern": "^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.*_-]+):[0-9]{1,5}$"
            },
            {
              "const": false
            },
            {
              "type": "null"
            }
          ],
          "default": "127.0.0.1:8980"
        },
        "socket": {
          "description": "Path of the unix socket; disk2iso.sock in the state folder where it is not given.",
          "$ref": "#/$defs/path"
        },
        "allowed_hosts": {
          "description": "Host names under which a reverse proxy on this machine may ask, besides the loopback names.",
          "type": "array",
          "maxItems": 50,
          "uniqueItems": true,
          "items": {
            "x-expected": "a host name such as archive.example.org",
            "type": "string",
            "maxLength": 259,
            "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$"
          },
          "default": []
        }
      }
    }
  },
  "$defs": {
    "path": {
      "x-expected": "a path",
      "type": "string",
      "minLength": 1,
      "maxLength": 4096
    },
    "secretFile": {
      "x-expected": "the path of a file, or credential:NAME",
      "type": "string",
      "minLength": 1,
      "maxLength": 4096
    },
    "name": {
      "x-expected": "a name of letters, digits, dots, dashes and underscores that begins with a letter or digit",
      "type": "string",
      "maxLength": 64,
      "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"
    },
    "title": {
      "x-expected": "a short text",
      "type": "string",
      "maxLength": 100,
      "pattern": "\\S"
    },
    "glob": {
      "x-expected": "text such as HOLIDAY*",
      "type": "string",
      "minLength": 1,
      "maxLength": 200
    },
    "media": {
      "type": "string",
      "enum": [
        "cd",
        "dvd",
        "bd",
        "image",
        "unknown"
      ]
    },
    "readAttempts": {
      "type": "integer",
      "minimum": 1,
      "maximum": 100
    },
    "checksums": {
      "type": "array",
      "minItems": 1,
      "maxItems": 5,
      "uniqueItems": true,
      "items": {
        "type": "string",
        "enum": [
          "md5",
          "sha1",
          "sha256",
          "sha512",
          "blake2b512"
        ]
      }
    },
    "eject": {
      "enum": [
        "always",
        "on_success",
        "never"
      ]
    },
    "priority": {
      "enum": [
        "low",
        "normal",
        "high"
      ]
    },
    "template": {
      "x-expected": "a path with placeholders such as {media}/{label}",
      "type": "string",
      "minLength": 1,
      "maxLength": 500
    },
    "percent": {
      "x-expected": "per cent such as \"90%\"",
      "type": "string",
      "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})? ?%$"
    },
    "size": {
      "x-expected": "a size such as 700MB, 4.7GB or 1GiB",
      "type": "string",
      "pattern": "^[0-9]{1,9}(\\.[0-9]{1,6})? ?(B|[kKMGT]B|[KMGT]iB)$"
    },
    "address": {
      "x-expected": "an e-mail address such as me@example.org",
      "type": "string",
      "maxLength": 254,
      "pattern": "^[^\\s@<>(),;:\"\\[\\]\\\\]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
    },
    "duration": {
      "x-expected": "a time such as 36h, 90d, 12w or 2y",
      "type": "string",
      "pattern": "^[1-9][0-9]{0,5} ?(h|d|w|y)$"
    }
  }
};
