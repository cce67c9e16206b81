// Generated from schemas/manifest.schema.json by packaging/scripts/generate-types.mjs. Do not edit; run `npm run generate`.

export type ArchiveId = string;

/**
 * What is known of one archived image. It lies beside the image as NAME.iso.json, and the catalog can be rebuilt from it. Keys that a reader does not know are to be ignored.
 */
export interface ManifestFile {
  /**
   * Version of this format. It is raised when a key changes its meaning or goes away, not when one is added.
   */
  manifest_version: 1;
  /**
   * Names this archive in the catalog and the API.
   */
  archive_id: string;
  /**
   * The job that made the image.
   */
  job_id: string;
  /**
   * Name of the image when it was archived, without folders. Where the files were renamed together since, the name they have now counts.
   */
  filename: string;
  /**
   * Size of the image in bytes.
   */
  size_bytes: number;
  /**
   * Digests of the whole image by algorithm, as lower-case hexadecimal text.
   */
  checksums: {
    /**
     * MD5.
     */
    md5?: string;
    /**
     * SHA-1.
     */
    sha1?: string;
    /**
     * SHA-256.
     */
    sha256?: string;
    /**
     * SHA-512.
     */
    sha512?: string;
    /**
     * BLAKE2b with 512 bits.
     */
    blake2b512?: string;
  };
  /**
   * How much of the disc is in the image.
   */
  verdict: {
    /**
     * complete: all of it. complete_with_tail: all but the unreadable run-out after the end of a track-at-once disc, which is cut off. damaged: bad_ranges could not be read and are zeros in the image. protected: the drive refused bad_ranges for copy protection; they are zeros. unreadable: nothing could be read.
     */
    kind: 'complete' | 'complete_with_tail' | 'damaged' | 'protected' | 'unreadable';
    /**
     * Sum of the bytes in bad_ranges.
     */
    bad_bytes: number;
    /**
     * What could not be read, in order. For complete_with_tail it is the run-out that was cut off.
     *
     * Items: One stretch of the disc.
     */
    bad_ranges: {
      /**
       * Position of its first byte on the disc.
       */
      start_byte: number;
      /**
       * Its length in bytes.
       */
      length_bytes: number;
      /**
       * Number of the first sector of 2048 bytes that it touches.
       */
      first_sector: number;
      /**
       * Number of sectors of 2048 bytes that it touches.
       */
      sector_count: number;
    }[];
  };
  /**
   * Who the disc is, as found before it was copied.
   */
  disc: {
    /**
     * What the drive says it holds; image is a file in a folder drive.
     */
    media: 'cd' | 'dvd' | 'bd' | 'image' | 'unknown';
    /**
     * What is on it by its table of contents.
     */
    content: 'data' | 'audio' | 'mixed' | 'multisession' | 'blank' | 'unknown';
    /**
     * Volume label as it is on the disc.
     */
    label: string | null;
    /**
     * The filesystems found on it.
     *
     * Items: One filesystem.
     */
    filesystems: {
      /**
       * Kind of filesystem.
       */
      type: 'iso9660' | 'joliet' | 'udf' | 'hfs';
      /**
       * Volume label in this filesystem.
       */
      label: string | null;
      /**
       * What the filesystem has for an identity: a volume set id or a creation stamp.
       */
      uuid: string | null;
      /**
       * Bytes from the start of the disc to the end of the volume, as the filesystem says.
       */
      volume_bytes: number | null;
    }[];
    /**
     * The disc's size in bytes as different witnesses tell it; null where one does not.
     */
    sizes: {
      /**
       * What the drive says (READ CAPACITY), or the size of the source file.
       */
      medium_bytes: number | null;
      /**
       * The ISO 9660 volume size.
       */
      iso9660_bytes: number | null;
      /**
       * The UDF volume size.
       */
      udf_bytes: number | null;
    };
    /**
     * Names the content, so that the same disc is known again; null where the structures could not be read.
     */
    fingerprint: {
      /**
       * SHA-256 of the volume structures and the volume size, hexadecimal.
       */
      structure: string;
      /**
       * Sectors spread over the volume, and those that change when it is written to.
       *
       * Items: One sector.
       */
      samples: {
        /**
         * Number of the sector of 2048 bytes.
         */
        sector: number;
        /**
         * SHA-256 of its 2048 bytes, hexadecimal; null where it could not be read.
         */
        sha256: string | null;
      }[];
    } | null;
  };
  /**
   * The drive that read it; null where the drive does not say.
   */
  drive: {
    /**
     * Path of the device or of the folder drive.
     */
    device: string;
    /**
     * Who made the drive.
     */
    vendor: string | null;
    /**
     * The drive's model.
     */
    model: string | null;
    /**
     * The drive's serial number.
     */
    serial: string | null;
    /**
     * Name under which the configuration declared the drive; absent in manifests of before it was written down.
     */
    name?: string;
  };
  /**
   * Version of GNU ddrescue that read the disc.
   */
  ddrescue_version: string;
  /**
   * Name that the file had in a folder drive; null for a disc.
   */
  source_name: string | null;
  /**
   * Name of the rule that decided; null where the defaults did.
   */
  rule: string | null;
  /**
   * The configuration in force when the job was made.
   */
  config: {
    /**
     * Its number, counted up with every change.
     */
    generation: number;
    /**
     * SHA-256 of the file, hexadecimal.
     */
    hash: string;
  };
  /**
   * The damaged archive of the same disc whose rescue this one went on from; null where there is none.
   */
  continues: ArchiveId | null;
  /**
   * When the reading of the disc began.
   */
  started_at: string;
  /**
   * When the image was whole and its checksums known.
   */
  finished_at: string;
  /**
   * The re-reading of the image from storage before it was archived; null where none was asked for.
   */
  verification: {
    /**
     * match: all checksums are as computed while the image was written. mismatch: some are not. missing: the image was not there. unreadable: the storage gave read errors.
     */
    result: 'match' | 'mismatch' | 'missing' | 'unreadable';
    /**
     * When it ended.
     */
    at: string;
    /**
     * For mismatch: the algorithms that differ.
     */
    algorithms?: string[];
  } | null;
  care?: ManifestCare;
}
/**
 * What was added after the image was made; absent where nothing was.
 */
export interface ManifestCare {
  /**
   * Never deleted by a retention rule.
   */
  pinned: boolean;
  /**
   * A person's name for it; null where the volume label stands.
   */
  label: string | null;
  /**
   * Words to find it by.
   */
  tags: string[];
  /**
   * A person's notes.
   */
  notes: string | null;
  /**
   * The latest verifications, oldest first.
   */
  history: ManifestVerification[];
  /**
   * Set where the files lie in the library's trash.
   */
  trashed: null | {
    /**
     * When it went there.
     */
    at: string;
    /**
     * When it is deleted for good.
     */
    purge_at: string;
    /**
     * The retention rule that decided.
     */
    rule: string;
    /**
     * Where the image lay below the library.
     */
    path: string;
  };
}
export interface ManifestVerification {
  /**
   * match: all checksums are as computed while the image was written. mismatch: some are not. missing: the image was not there. unreadable: the storage gave read errors.
   */
  result: 'match' | 'mismatch' | 'missing' | 'unreadable';
  /**
   * When it ended.
   */
  at: string;
  /**
   * For mismatch: the algorithms that differ.
   */
  algorithms?: string[];
}

export const manifestSchema: object = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://disk2iso.local/schemas/manifest.schema.json",
  "title": "ManifestFile",
  "description": "What is known of one archived image. It lies beside the image as NAME.iso.json, and the catalog can be rebuilt from it. Keys that a reader does not know are to be ignored.",
  "type": "object",
  "required": [
    "manifest_version",
    "archive_id",
    "job_id",
    "filename",
    "size_bytes",
    "checksums",
    "verdict",
    "disc",
    "drive",
    "ddrescue_version",
    "source_name",
    "rule",
    "config",
    "continues",
    "started_at",
    "finished_at",
    "verification"
  ],
  "properties": {
    "manifest_version": {
      "description": "Version of this format. It is raised when a key changes its meaning or goes away, not when one is added.",
      "const": 1
    },
    "archive_id": {
      "$ref": "#/$defs/archive_id",
      "description": "Names this archive in the catalog and the API."
    },
    "job_id": {
      "description": "The job that made the image.",
      "type": "string",
      "pattern": "^job_[0-9a-z]+$"
    },
    "filename": {
      "description": "Name of the image when it was archived, without folders. Where the files were renamed together since, the name they have now counts.",
      "type": "string",
      "minLength": 1
    },
    "size_bytes": {
      "$ref": "#/$defs/bytes",
      "description": "Size of the image in bytes."
    },
    "checksums": {
      "description": "Digests of the whole image by algorithm, as lower-case hexadecimal text.",
      "type": "object",
      "properties": {
        "md5": {
          "description": "MD5.",
          "type": "string",
          "pattern": "^[0-9a-f]{32}$"
        },
        "sha1": {
          "description": "SHA-1.",
          "type": "string",
          "pattern": "^[0-9a-f]{40}$"
        },
        "sha256": {
          "description": "SHA-256.",
          "type": "string",
          "pattern": "^[0-9a-f]{64}$"
        },
        "sha512": {
          "description": "SHA-512.",
          "type": "string",
          "pattern": "^[0-9a-f]{128}$"
        },
        "blake2b512": {
          "description": "BLAKE2b with 512 bits.",
          "type": "string",
          "pattern": "^[0-9a-f]{128}$"
        }
      }
    },
    "verdict": {
      "description": "How much of the disc is in the image.",
      "type": "object",
      "required": [
        "kind",
        "bad_bytes",
        "bad_ranges"
      ],
      "properties": {
        "kind": {
          "description": "complete: all of it. complete_with_tail: all but the unreadable run-out after the end of a track-at-once disc, which is cut off. damaged: bad_ranges could not be read and are zeros in the image. protected: the drive refused bad_ranges for copy protection; they are zeros. unreadable: nothing could be read.",
          "enum": [
            "complete",
            "complete_with_tail",
            "damaged",
            "protected",
            "unreadable"
          ]
        },
        "bad_bytes": {
          "$ref": "#/$defs/bytes",
          "description": "Sum of the bytes in bad_ranges."
        },
        "bad_ranges": {
          "description": "What could not be read, in order. For complete_with_tail it is the run-out that was cut off.",
          "type": "array",
          "items": {
            "description": "One stretch of the disc.",
            "type": "object",
            "required": [
              "start_byte",
              "length_bytes",
              "first_sector",
              "sector_count"
            ],
            "properties": {
              "start_byte": {
                "$ref": "#/$defs/bytes",
                "description": "Position of its first byte on the disc."
              },
              "length_bytes": {
                "$ref": "#/$defs/bytes",
                "description": "Its length in bytes."
              },
              "first_sector": {
                "$ref": "#/$defs/bytes",
                "description": "Number of the first sector of 2048 bytes that it touches."
              },
              "sector_count": {
                "$ref": "#/$defs/bytes",
                "description": "Number of sectors of 2048 bytes that it touches."
              }
            }
          }
        }
      }
    },
    "disc": {
      "description": "Who the disc is, as found before it was copied.",
      "type": "object",
      "required": [
        "media",
        "content",
        "label",
        "filesystems",
        "sizes",
        "fingerprint"
      ],
      "properties": {
        "media": {
          "description": "What the drive says it holds; image is a file in a folder drive.",
          "enum": [
            "cd",
            "dvd",
            "bd",
            "image",
            "unknown"
          ]
        },
        "content": {
          "description": "What is on it by its table of contents.",
          "enum": [
            "data",
            "audio",
            "mixed",
            "multisession",
            "blank",
            "unknown"
          ]
        },
        "label": {
          "description": "Volume label as it is on the disc.",
          "type": [
            "string",
            "null"
          ]
        },
        "filesystems": {
          "description": "The filesystems found on it.",
          "type": "array",
          "items": {
            "description": "One filesystem.",
            "type": "object",
            "required": [
              "type",
              "label",
              "uuid",
              "volume_bytes"
            ],
            "properties": {
              "type": {
                "description": "Kind of filesystem.",
                "enum": [
                  "iso9660",
                  "joliet",
                  "udf",
                  "hfs"
                ]
              },
              "label": {
                "description": "Volume label in this filesystem.",
                "type": [
                  "string",
                  "null"
                ]
              },
              "uuid": {
                "description": "What the filesystem has for an identity: a volume set id or a creation stamp.",
                "type": [
                  "string",
                  "null"
                ]
              },
              "volume_bytes": {
                "$ref": "#/$defs/bytes_or_null",
                "description": "Bytes from the start of the disc to the end of the volume, as the filesystem says."
              }
            }
          }
        },
        "sizes": {
          "description": "The disc's size in bytes as different witnesses tell it; null where one does not.",
          "type": "object",
          "required": [
            "medium_bytes",
            "iso9660_bytes",
            "udf_bytes"
          ],
          "properties": {
            "medium_bytes": {
              "$ref": "#/$defs/bytes_or_null",
              "description": "What the drive says (READ CAPACITY), or the size of the source file."
            },
            "iso9660_bytes": {
              "$ref": "#/$defs/bytes_or_null",
              "description": "The ISO 9660 volume size."
            },
            "udf_bytes": {
              "$ref": "#/$defs/bytes_or_null",
              "description": "The UDF volume size."
            }
          }
        },
        "fingerprint": {
          "description": "Names the content, so that the same disc is known again; null where the structures could not be read.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "structure",
            "samples"
          ],
          "properties": {
            "structure": {
              "description": "SHA-256 of the volume structures and the volume size, hexadecimal.",
              "type": "string",
              "minLength": 1
            },
            "samples": {
              "description": "Sectors spread over the volume, and those that change when it is written to.",
              "type": "array",
              "items": {
                "description": "One sector.",
                "type": "object",
                "required": [
                  "sector",
                  "sha256"
                ],
                "properties": {
                  "sector": {
                    "$ref": "#/$defs/bytes",
                    "description": "Number of the sector of 2048 bytes."
                  },
                  "sha256": {
                    "description": "SHA-256 of its 2048 bytes, hexadecimal; null where it could not be read.",
                    "type": [
                      "string",
                      "null"
                    ]
                  }
                }
              }
            }
          }
        }
      }
    },
    "drive": {
      "description": "The drive that read it; null where the drive does not say.",
      "type": "object",
      "required": [
        "device",
        "vendor",
        "model",
        "serial"
      ],
      "properties": {
        "device": {
          "description": "Path of the device or of the folder drive.",
          "type": "string"
        },
        "vendor": {
          "description": "Who made the drive.",
          "type": [
            "string",
            "null"
          ]
        },
        "model": {
          "description": "The drive's model.",
          "type": [
            "string",
            "null"
          ]
        },
        "serial": {
          "description": "The drive's serial number.",
          "type": [
            "string",
            "null"
          ]
        },
        "name": {
          "description": "Name under which the configuration declared the drive; absent in manifests of before it was written down.",
          "type": "string"
        }
      }
    },
    "ddrescue_version": {
      "description": "Version of GNU ddrescue that read the disc.",
      "type": "string"
    },
    "source_name": {
      "description": "Name that the file had in a folder drive; null for a disc.",
      "type": [
        "string",
        "null"
      ]
    },
    "rule": {
      "description": "Name of the rule that decided; null where the defaults did.",
      "type": [
        "string",
        "null"
      ]
    },
    "config": {
      "description": "The configuration in force when the job was made.",
      "type": "object",
      "required": [
        "generation",
        "hash"
      ],
      "properties": {
        "generation": {
          "description": "Its number, counted up with every change.",
          "type": "integer",
          "minimum": 0
        },
        "hash": {
          "description": "SHA-256 of the file, hexadecimal.",
          "type": "string"
        }
      }
    },
    "continues": {
      "description": "The damaged archive of the same disc whose rescue this one went on from; null where there is none.",
      "oneOf": [
        {
          "$ref": "#/$defs/archive_id"
        },
        {
          "type": "null"
        }
      ]
    },
    "started_at": {
      "$ref": "#/$defs/time",
      "description": "When the reading of the disc began."
    },
    "finished_at": {
      "$ref": "#/$defs/time",
      "description": "When the image was whole and its checksums known."
    },
    "verification": {
      "description": "The re-reading of the image from storage before it was archived; null where none was asked for.",
      "type": [
        "object",
        "null"
      ],
      "required": [
        "result",
        "at"
      ],
      "properties": {
        "result": {
          "description": "match: all checksums are as computed while the image was written. mismatch: some are not. missing: the image was not there. unreadable: the storage gave read errors.",
          "enum": [
            "match",
            "mismatch",
            "missing",
            "unreadable"
          ]
        },
        "at": {
          "$ref": "#/$defs/time",
          "description": "When it ended."
        },
        "algorithms": {
          "description": "For mismatch: the algorithms that differ.",
          "type": "array",
          "items": {
            "type": "string"
          }
        }
      }
    },
    "care": {
      "title": "ManifestCare",
      "description": "What was added after the image was made; absent where nothing was.",
      "type": "object",
      "required": [
        "pinned",
        "label",
        "tags",
        "notes",
        "history",
        "trashed"
      ],
      "properties": {
        "pinned": {
          "description": "Never deleted by a retention rule.",
          "type": "boolean"
        },
        "label": {
          "description": "A person's name for it; null where the volume label stands.",
          "type": [
            "string",
            "null"
          ]
        },
        "tags": {
          "description": "Words to find it by.",
          "type": "array",
          "items": {
            "type": "string"
          }
        },
        "notes": {
          "description": "A person's notes.",
          "type": [
            "string",
            "null"
          ]
        },
        "history": {
          "description": "The latest verifications, oldest first.",
          "type": "array",
          "items": {
            "$ref": "#/$defs/verification"
          }
        },
        "trashed": {
          "description": "Set where the files lie in the library's trash.",
          "anyOf": [
            {
              "type": "null"
            },
            {
              "type": "object",
              "required": [
                "at",
                "purge_at",
                "rule",
                "path"
              ],
              "properties": {
                "at": {
                  "$ref": "#/$defs/time",
                  "description": "When it went there."
                },
                "purge_at": {
                  "$ref": "#/$defs/time",
                  "description": "When it is deleted for good."
                },
                "rule": {
                  "description": "The retention rule that decided.",
                  "type": "string"
                },
                "path": {
                  "description": "Where the image lay below the library.",
                  "type": "string",
                  "minLength": 1
                }
              }
            }
          ]
        }
      }
    }
  },
  "$defs": {
    "archive_id": {
      "type": "string",
      "pattern": "^archive_[0-9a-z]+$"
    },
    "bytes": {
      "type": "integer",
      "minimum": 0,
      "maximum": 9007199254740991
    },
    "bytes_or_null": {
      "type": [
        "integer",
        "null"
      ],
      "minimum": 0,
      "maximum": 9007199254740991
    },
    "time": {
      "type": "string",
      "format": "date-time",
      "pattern": "^[+-]?[0-9]+-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"
    },
    "verification": {
      "title": "ManifestVerification",
      "required": [
        "result",
        "at"
      ],
      "properties": {
        "result": {
          "description": "match: all checksums are as computed while the image was written. mismatch: some are not. missing: the image was not there. unreadable: the storage gave read errors.",
          "enum": [
            "match",
            "mismatch",
            "missing",
            "unreadable"
          ]
        },
        "at": {
          "$ref": "#/$defs/time",
          "description": "When it ended."
        },
        "algorithms": {
          "description": "For mismatch: the algorithms that differ.",
          "type": "array",
          "items": {
            "type": "string"
          }
        }
      },
      "type": "object"
    }
  }
};
