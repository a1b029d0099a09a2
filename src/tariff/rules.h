/* rules.h - what the wire does not tell about a meter and the site may: how it combines and freezes energy.
 *
 * Threads: constants and pure lookups.
 * Source:  DOMAIN 1.4 (combined energy 组合, DL/T 645 feature word 04000601) and 4.6 (freeze models).
 */
#ifndef METERFLEET_TARIFF_RULES_H
#define METERFLEET_TARIFF_RULES_H

enum freeze_model { FREEZE_AUTO, FREEZE_CUMULATIVE, FREEZE_PERIOD };
enum combined_rule { COMBINED_AUTO, COMBINED_IMPORT_EXPORT, COMBINED_IMPORT, COMBINED_IMPORT_MINUS_EXPORT };
enum dual_source { DUAL_AUTO, DUAL_YES, DUAL_NO };

#endif
