import { FieldError, Input, Label, TextField } from 'react-aria-components';

export function ErrorCodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextField
      className="panel-field"
      isRequired
      value={value}
      onChange={onChange}
      validate={(code) =>
        /^[\w.:-]*$/.test(code.trim()) ? null : 'An error code is one word, like channel_not_found.'
      }
    >
      <Label>Error code</Label>
      <Input
        className="panel-input panel-wire"
        placeholder="channel_not_found"
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
      />
      <FieldError className="panel-field-error">
        {({ validationErrors, validationDetails }) =>
          validationDetails.valueMissing ? 'Type the error code.' : validationErrors.join(' ')
        }
      </FieldError>
    </TextField>
  );
}
