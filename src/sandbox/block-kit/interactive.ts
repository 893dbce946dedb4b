import { z } from 'zod';
import { confirm, identifier, placeholder } from './text-objects.ts';

export const action_id = identifier.optional();
export const focus_on_load = z.boolean().optional();

/** The fields that every element has with which a person chooses. */
export const interactive = { action_id, confirm: confirm.optional(), focus_on_load };

export const menu = { ...interactive, placeholder: placeholder.optional() };
